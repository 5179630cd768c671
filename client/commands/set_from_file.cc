#include "client/commands/set_from_file.h"

#include <utility>
#include <vector>

#include "client/daemon/suite_file.h"
#include "client/views/report.h"
#include "client/views/target_text.h"
#include "client/views/verdict.h"
#include "common/behavior/file.h"
#include "common/status/macros.h"

namespace perfrig {
namespace {

// Limits and variables are those of suites.
absl::StatusOr<BehaviorText> ReadText(const std::string& path) {
  ASSIGN_OR_RETURN(v1::SuiteSource source, ReadSuite(path, /*settings=*/{}));
  return BehaviorText{source.file_name(), source.text(), source.variables()};
}

std::vector<std::string> NamesOf(const v1::ListTargetsResponse& list) {
  std::vector<std::string> names;
  for (const v1::Target& target : list.targets()) {
    names.emplace_back(ShortName(target.name()));
  }
  return names;
}

// Gives the fields that `change` names back to its target as they were.
absl::Status Undo(DaemonClient& client, const v1::BehaviorChange& change,
                  const v1::ListTargetsResponse& before) {
  v1::UpdateBehaviorRequest request;
  request.set_name(change.target());
  *request.mutable_update_mask() = change.update_mask();
  for (const v1::Target& target : before.targets()) {
    if (target.name() == change.target()) {
      *request.mutable_behavior() = target.behavior();
    }
  }
  return client
      .Call(client.targets(), &v1::Targets::Stub::UpdateBehavior, request)
      .status();
}

// The targets as they became; all are as they were where one is refused.
absl::StatusOr<v1::ListTargetsResponse> SetAll(
    const Context& context, DaemonClient& client,
    const std::vector<v1::BehaviorChange>& changes,
    const v1::ListTargetsResponse& before) {
  v1::ListTargetsResponse after;
  for (std::size_t done = 0; done < changes.size(); ++done) {
    v1::UpdateBehaviorRequest request;
    request.set_name(changes[done].target());
    *request.mutable_behavior() = changes[done].behavior();
    *request.mutable_update_mask() = changes[done].update_mask();
    auto updated = client.Call(client.targets(),
                               &v1::Targets::Stub::UpdateBehavior, request);
    if (updated.ok()) {
      *after.add_targets() = *std::move(updated);
      continue;
    }
    while (done > 0) {
      const v1::BehaviorChange& change = changes[--done];
      if (Undo(client, change, before).ok()) continue;
      context.err << ShortName(change.target()) << " stays changed\n";
    }
    return updated.status();
  }
  return after;
}

}  // namespace

int SetFromFile(const Context& context, const std::string& target,
                const std::string& path) {
  const auto text = ReadText(path);
  if (!text.ok()) return FailUsage(context, text.status());
  const auto session = OpenSession(context, /*local=*/false);
  DaemonClient& client = (*session)->client();
  const auto before =
      client.Call(client.targets(), &v1::Targets::Stub::ListTargets,
                  v1::ListTargetsRequest());
  if (!before.ok()) return Fail(context, client.Explain(before.status()));
  const BehaviorFile file =
      target.empty() ? ReadBehaviors(*text, NamesOf(*before))
                     : ReadBehavior(*text, std::string(ShortName(target)));
  if (!file.problems.empty()) {
    PrintProblems(context.err, {file.problems.begin(), file.problems.end()});
    return kExitError;
  }
  const auto after = SetAll(context, client, file.changes, *before);
  if (after.ok() && !target.empty()) {
    return PrintResponse(context, client,
                         absl::StatusOr<v1::Target>(after->targets(0)),
                         [&](const v1::Target& changed) {
                           return RenderTarget(changed, context.terminal.style);
                         });
  }
  return PrintResponse(context, client, after,
                       [&](const v1::ListTargetsResponse& list) {
                         return RenderTargetList(list, context.terminal.style,
                                                 context.terminal.columns);
                       });
}

}  // namespace perfrig
