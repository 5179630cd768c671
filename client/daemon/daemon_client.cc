#include "client/daemon/daemon_client.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "client/terminal/text.h"
#include "client/views/verdict.h"
#include "common/rpc/channel.h"

namespace perfrig {
namespace {

std::string PrintableLines(absl::string_view text) {
  std::vector<std::string> lines;
  for (const absl::string_view line :
       absl::StrSplit(text, '\n', absl::SkipEmpty())) {
    lines.push_back(Printable(std::string(line)));
  }
  return absl::StrJoin(lines, "\n");
}

}  // namespace

DaemonClient::DaemonClient(std::string address, const Clock& clock)
    : address_(std::move(address)),
      clock_(clock),
      channel_(MakeChannel(address_)),
      suites_(v1::Suites::NewStub(channel_)),
      runs_(v1::Runs::NewStub(channel_)),
      targets_(v1::Targets::NewStub(channel_)),
      rig_(v1::Rig::NewStub(channel_)) {}

Failure DaemonClient::Explain(const absl::Status& status) const {
  std::string message = PrintableLines(status.message());
  if (message.empty()) {
    message = absl::StatusCodeToString(status.code());
  }
  if (absl::IsUnavailable(status)) {
    // A daemon that answered (it is draining, say) has its own words.
    if (channel_->GetState(/*try_to_connect=*/false) == GRPC_CHANNEL_READY) {
      return {kExitNoDaemon, message};
    }
    return {kExitNoDaemon,
            absl::StrCat("No daemon answers at ", address_,
                         ". Start one with `perfrigd`, name another with "
                         "--address, or let `perfrig run --local` start one "
                         "for the run.")};
  }
  if (absl::IsDeadlineExceeded(status)) {
    return {kExitNoDaemon,
            absl::StrCat("The daemon at ", address_, " does not answer.")};
  }
  if (absl::IsUnimplemented(status)) {
    return {kExitError,
            absl::StrCat("What answers at ", address_,
                         " does not know this request; is it a perfrigd of "
                         "this version?")};
  }
  return {kExitError, message};
}

}  // namespace perfrig
