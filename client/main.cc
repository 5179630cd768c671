// perfrig: the command line of perfrigd.
#include <cstdlib>
#include <iostream>
#include <string>
#include <vector>

#include "client/commands/app.h"

int main(int argc, char** argv) {
  // gRPC's own log lines would break into what is shown.
  setenv("GRPC_VERBOSITY", "NONE", /*overwrite=*/0);
  const perfrig::SystemClock clock;
  perfrig::Context context = {
      .terminal = perfrig::DetectTerminal(/*no_color=*/false),
      .columns = perfrig::TerminalColumns,
      .out = std::cout,
      .err = std::cerr,
      .clock = clock,
  };
  return perfrig::RunApp(std::vector<std::string>(argv + 1, argv + argc),
                         context);
}
