// `perfrig` with its output in strings and its signals from the test.
#ifndef PERFRIG_TESTS_UNIT_CLIENT_COMMANDS_COMMAND_LINE_H_
#define PERFRIG_TESTS_UNIT_CLIENT_COMMANDS_COMMAND_LINE_H_

#include <fcntl.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "client/commands/app.h"

namespace perfrig {

class CommandLine {
 public:
  CommandLine() {
    std::array<int, 2> ends = {};
    if (pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK) == 0) {
      source_ = FileDescriptor(ends[0]);
      sink_ = FileDescriptor(ends[1]);
    }
  }

  // Lets `signal` come, now or once the command waits for it.
  void Raise(int signal) {
    signalfd_siginfo record = {};
    record.ssi_signo = static_cast<std::uint32_t>(signal);
    [[maybe_unused]] const ssize_t bytes =
        write(sink_.get(), &record, sizeof(record));
  }

  // The exit code.
  int Run(std::vector<std::string> arguments) {
    Context context = {
        .terminal = {.style = {.color = false, .utf8 = true},
                     .live = live_,
                     .columns = live_ ? 100 : 0},
        .columns = [] { return 100; },
        .out = out_,
        .err = err_,
        .clock = clock_,
        .catch_signals = [this] { return Signals(std::move(source_)); },
        .patience = absl::Milliseconds(600),
    };
    return RunApp(std::move(arguments), context);
  }

  void MakeLive() { live_ = true; }
  [[nodiscard]] std::string out() const { return out_.str(); }
  [[nodiscard]] std::string err() const { return err_.str(); }

 private:
  bool live_ = false;
  SystemClock clock_;
  std::ostringstream out_;
  std::ostringstream err_;
  FileDescriptor source_;
  FileDescriptor sink_;
};

}  // namespace perfrig

#endif  // PERFRIG_TESTS_UNIT_CLIENT_COMMANDS_COMMAND_LINE_H_
