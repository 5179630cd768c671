// What every command gets, and what it is made of.
#ifndef PERFRIG_CLIENT_COMMANDS_CONTEXT_H_
#define PERFRIG_CLIENT_COMMANDS_CONTEXT_H_

#include <google/protobuf/message.h>

#include <functional>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "client/daemon/daemon_client.h"
#include "client/daemon/local_daemon.h"
#include "client/daemon/signals.h"
#include "client/terminal/terminal.h"
#include "common/time/clock.h"
#include "perfrig/v1/suite.pb.h"

namespace perfrig {

struct Context {
  // Of the flags that every command takes.
  std::string address = "127.0.0.1:7070";
  bool json = false;
  bool no_color = false;

  Terminal terminal;
  // Columns now; asked again when the terminal is resized.
  std::function<int()> columns;
  // What commands print; errors and what accompanies JSON.
  std::ostream& out;
  std::ostream& err;
  const Clock& clock;
  // Called at most once, before the first connection.
  std::function<Signals()> catch_signals = Signals::Catch;
  // How long a lost daemon is sought again.
  absl::Duration patience = absl::Seconds(8);
  // The command that was chosen; returns the exit code.
  std::function<int()> chosen = nullptr;
};

// A daemon to talk to: the one at Context::address, or one of our own that
// ends with the session.
class Session {
 public:
  // `clock` outlives the session.
  Session(std::string address, const Clock& clock);
  Session(std::unique_ptr<LocalDaemon> daemon, const Clock& clock);

  DaemonClient& client() { return client_; }
  [[nodiscard]] bool local() const { return daemon_ != nullptr; }

 private:
  std::unique_ptr<LocalDaemon> daemon_;
  DaemonClient client_;
};

// `flags` go to the daemon that is started where `local`.
absl::StatusOr<std::unique_ptr<Session>> OpenSession(
    const Context& context, bool local,
    const std::vector<std::string>& flags = {});

// Flags of a local daemon that let load go to `targets`: whoever starts the
// daemon is its operator and allows what they name.
[[nodiscard]] std::vector<std::string> AllowFlags(
    const std::vector<std::string>& targets);

// Prints and gives the exit code.
int Fail(const Context& context, const Failure& failure);
// Of what was asked for: kExitUsage; kExitError where a file that was named is
// broken (FAILED_PRECONDITION), wherever that is found out.
int FailUsage(const Context& context, const absl::Status& status);
// Of OpenSession: the local daemon could not be started.
int FailStart(const Context& context, const absl::Status& status);

// Protobuf's JSON, with the fields that are zero.
void PrintJson(std::ostream& out, const google::protobuf::Message& message);

// "file:line:column: field message", as compilers do; one a line.
void PrintProblems(
    std::ostream& err,
    const google::protobuf::RepeatedPtrField<v1::Problem>& problems);

// The end of most commands: prints `response` as JSON or as `render` has it.
template <typename Response, typename Render>
int PrintResponse(const Context& context, const DaemonClient& client,
                  const absl::StatusOr<Response>& response, Render render) {
  if (!response.ok()) return Fail(context, client.Explain(response.status()));
  if (context.json) {
    PrintJson(context.out, *response);
  } else {
    context.out << render(*response);
  }
  return 0;
}

// "quickstart" with "suites/" before it, unless it is there already.
[[nodiscard]] std::string Qualified(const char* collection,
                                    const std::string& name);

}  // namespace perfrig

#endif  // PERFRIG_CLIENT_COMMANDS_CONTEXT_H_
