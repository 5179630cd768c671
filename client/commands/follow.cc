#include "client/commands/follow.h"

#include <poll.h>

#include <array>
#include <csignal>
#include <optional>

#include "absl/strings/str_cat.h"
#include "client/commands/progress.h"
#include "client/daemon/run_feed.h"
#include "client/views/report.h"
#include "client/views/verdict.h"

namespace perfrig {
namespace {

// One run being followed, from the first event to the exit code.
class Follower {
 public:
  Follower(const Context& context, Session& session, Signals& signals,
           const FollowOptions& options, std::string name)
      : context_(context),
        session_(session),
        signals_(signals),
        options_(options),
        name_(std::move(name)),
        progress_(MakeProgress(context)) {}

  int Follow(RunFeed& feed) {
    while (!code_) {
      std::array<pollfd, 2> wait = {
          {{signals_.fd(), POLLIN, 0}, {feed.fd(), POLLIN, 0}}};
      poll(wait.data(), wait.size(), -1);
      if (wait[0].revents != 0) OnSignals();
      if (wait[1].revents != 0 && !code_) OnBatch(feed.Take());
    }
    // The live view leaves the terminal before anything else is written.
    progress_.reset();
    if (failure_) return Fail(context_, *failure_);
    if (run_) {
      PrintRun(context_, *run_, options_.slowest_tests, !session_.local());
    }
    return *code_;
  }

 private:
  void OnBatch(RunFeed::Batch batch) {
    if (batch.lost && !lost_) {
      lost_ = true;
      progress_->Notice("the connection to the daemon is lost; trying again");
    }
    for (const v1::RunEvent& event : batch.events) OnEvent(event);
    if (!batch.end || code_) return;
    if (batch.end->ok() && run_) {
      code_ = ExitCode(run_->verdict());
    } else {
      OnFailure(*batch.end);
    }
  }

  void OnEvent(const v1::RunEvent& event) {
    seen_ = true;
    if (lost_) {
      lost_ = false;
      progress_->Notice("");
    }
    if (event.has_run()) name_ = event.run().name();
    if (event.has_finished()) run_ = event.finished();
    progress_->Apply(event);
    if (event.has_run() && cancel_wanted_) Cancel();
  }

  void OnFailure(const absl::Status& status) {
    failure_ = session_.client().Explain(status);
    const std::string daemon =
        absl::StrCat("The daemon at ", session_.client().address());
    if (seen_ && absl::IsNotFound(status)) {
      failure_ = {kExitNoDaemon,
                  absl::StrCat(daemon, " was started anew and does not know ",
                               name_, ".")};
    } else if (seen_ && failure_->exit_code == kExitNoDaemon) {
      failure_->text = absl::StrCat(daemon, " was lost during ", name_, ".");
    }
    code_ = failure_->exit_code;
  }

  void OnSignals() {
    for (auto signal = signals_.Take(); signal.has_value();
         signal = signals_.Take()) {
      if (*signal == SIGWINCH) {
        progress_->Resize();
      } else if (interrupted_ || !options_.cancel_on_interrupt) {
        code_ = kExitCancelled;
      } else {
        interrupted_ = true;
        progress_->Notice("cancelling; Ctrl-C again leaves at once");
        cancel_wanted_ = true;
        if (!name_.empty()) Cancel();
      }
    }
  }

  void Cancel() {
    cancel_wanted_ = false;
    v1::CancelRunRequest request;
    request.set_name(name_);
    request.set_reason("interrupted at the command line");
    DaemonClient& client = session_.client();
    const auto answer = client.Call(client.runs(), &v1::Runs::Stub::CancelRun,
                                    request, absl::Seconds(5));
    if (!answer.ok()) {
      progress_->Notice(absl::StrCat("cannot cancel: ",
                                     std::string(answer.status().message())));
    }
  }

  const Context& context_;
  Session& session_;
  Signals& signals_;
  const FollowOptions options_;
  std::string name_;
  std::unique_ptr<Progress> progress_;
  // Some event has come.
  bool seen_ = false;
  bool lost_ = false;
  bool interrupted_ = false;
  // Ctrl-C came before the run had a name.
  bool cancel_wanted_ = false;
  std::optional<v1::Run> run_;
  std::optional<Failure> failure_;
  std::optional<int> code_;
};

}  // namespace

int RunAndFollow(const Context& context, Session& session, Signals& signals,
                 const v1::StartRunRequest& request,
                 const FollowOptions& options) {
  Follower follower(context, session, signals, options, "");
  RunFeed feed(session.client().runs(), context.clock, request,
               context.patience);
  return follower.Follow(feed);
}

int WatchAndFollow(const Context& context, Session& session, Signals& signals,
                   const std::string& name, const FollowOptions& options) {
  Follower follower(context, session, signals, options, name);
  RunFeed feed(session.client().runs(), context.clock, name, context.patience);
  return follower.Follow(feed);
}

void PrintRun(const Context& context, const v1::Run& run, int slowest_tests,
              bool again) {
  if (context.json) {
    PrintJson(context.out, run);
    return;
  }
  ReportOptions options;
  options.style = context.terminal.style;
  options.columns = context.terminal.columns > 0 ? context.columns() : 0;
  options.slowest_tests = slowest_tests;
  options.again = again;
  context.out << RenderReport(run, options) << std::flush;
}

}  // namespace perfrig
