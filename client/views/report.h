// A run as a person reads it.
#ifndef PERFRIG_CLIENT_VIEWS_REPORT_H_
#define PERFRIG_CLIENT_VIEWS_REPORT_H_

#include <string>
#include <string_view>

#include "client/terminal/style.h"
#include "perfrig/v1/run.pb.h"

namespace perfrig {

struct ReportOptions {
  Style style;
  // Columns of the terminal; 0: no limit.
  int columns = 0;
  // How many of the slowest tests to list at the end.
  int slowest_tests = 0;
  // Say how to see the report again. Not where the daemon that knows the run
  // has ended, nor to whoever has just asked for it.
  bool again = true;
};

// For each suite a table of its tests and, below it, what each threshold saw;
// the last line is the run's verdict, or its state before it has one.
[[nodiscard]] std::string RenderReport(const v1::Run& run,
                                       const ReportOptions& options);

// "suites/quickstart" as "quickstart"; other text as it is.
[[nodiscard]] std::string ShortName(std::string_view name);

}  // namespace perfrig

#endif  // PERFRIG_CLIENT_VIEWS_REPORT_H_
