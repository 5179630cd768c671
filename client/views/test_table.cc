#include "client/views/test_table.h"

#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "client/terminal/format.h"
#include "client/terminal/table.h"
#include "client/views/round_spread.h"
#include "client/views/verdict.h"

namespace perfrig {
namespace {

// More rounds than these show as their spread.
constexpr int kMostRoundRows = 5;

Table MakeTable() {
  return Table({{.title = "  test", .narrowest = 12},
                {"verdict"},
                {"calls", Table::kRight},
                {"rate", Table::kRight, /*drop=*/3},
                {"p50", Table::kRight},
                {"p95", Table::kRight, /*drop=*/2},
                {"p99", Table::kRight},
                {"max", Table::kRight, /*drop=*/1},
                {"errors", Table::kRight}});
}

std::vector<std::string> Row(std::string name, std::string verdict,
                             const v1::Figures& figures, Style style) {
  const v1::Distribution& latency = figures.latency();
  const auto sample = [&](std::uint64_t nanos) {
    return Sample(latency, static_cast<double>(nanos), style);
  };
  std::string errors = ErrorsText(figures);
  if (errors != "0") errors = Paint(style, Color::kBad, errors);
  return {std::move(name),
          std::move(verdict),
          FormatCount(figures.planned()),
          figures.planned() > 0 ? FormatRate(figures.throughput()) : "-",
          sample(latency.p50_ns()),
          sample(latency.p95_ns()),
          sample(latency.p99_ns()),
          sample(latency.max_ns()),
          std::move(errors)};
}

void AddTest(const v1::TestResult& result, Style style, Table& table) {
  table.AddRow(Row(VerdictMark(result.verdict(), style) + " " + result.test(),
                   PaintedVerdict(result.verdict(), style), result.figures(),
                   style));
  const std::map<std::string, v1::Figures> steps(result.steps().begin(),
                                                 result.steps().end());
  for (const auto& [step, figures] : steps) {
    table.AddRow(Row("    " + step, "", figures, style));
  }
  if (result.rounds_size() < 2) return;
  if (result.rounds_size() > kMostRoundRows) {
    for (std::vector<std::string>& cells : RoundSpread(result, style)) {
      table.AddRow(std::move(cells));
    }
    return;
  }
  for (int i = 0; i < result.rounds_size(); ++i) {
    table.AddRow(
        Row(Paint(style, Color::kQuiet, "    round " + std::to_string(i + 1)),
            "", result.rounds(i), style));
  }
}

}  // namespace

std::string Sample(const v1::Distribution& distribution, double nanos,
                   Style style) {
  return distribution.count() == 0 ? "-" : FormatNanos(nanos, style);
}

std::string ErrorsText(const v1::Figures& figures) {
  if (figures.planned() <= figures.ok()) return "0";
  const std::uint64_t errors = figures.planned() - figures.ok();
  return FormatCount(errors) + " (" +
         FormatShare(static_cast<double>(errors) /
                     static_cast<double>(figures.planned())) +
         ")";
}

std::string RenderTestTable(const v1::SuiteResult& suite, Style style,
                            int columns) {
  Table table = MakeTable();
  for (const auto& result : suite.tests()) AddTest(result, style, table);
  return table.Render(style, /*indent=*/2, columns);
}

}  // namespace perfrig
