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

Table MakeTable(bool verdicts) {
  std::vector<Table::Column> columns = {{"  test"}};
  if (verdicts) columns.push_back({"verdict"});
  for (const char* title :
       {"calls", "rate", "p50", "p95", "p99", "max", "errors"}) {
    columns.push_back({title, Table::kRight});
  }
  return Table(std::move(columns));
}

std::vector<std::string> Row(std::string name, const std::string* verdict,
                             const v1::Figures& figures, Style style) {
  const v1::Distribution& latency = figures.latency();
  const auto sample = [&](std::uint64_t nanos) {
    return Sample(latency, static_cast<double>(nanos), style);
  };
  std::string errors = ErrorsText(figures);
  if (errors != "0") errors = Paint(style, Color::kBad, errors);
  std::vector<std::string> cells = {std::move(name)};
  if (verdict != nullptr) cells.push_back(*verdict);
  const std::string rate =
      figures.planned() > 0 ? FormatRate(figures.throughput()) : "-";
  for (std::string cell :
       {FormatCount(figures.sent()), rate, sample(latency.p50_ns()),
        sample(latency.p95_ns()), sample(latency.p99_ns()),
        sample(latency.max_ns()), std::move(errors)}) {
    cells.push_back(std::move(cell));
  }
  return cells;
}

void AddTest(const v1::TestResult& result, bool verdicts, Style style,
             Table& table) {
  const std::string verdict = PaintedVerdict(result.verdict(), style);
  std::string name = VerdictMark(result.verdict(), style) + " " + result.test();
  table.AddRow(Row(std::move(name), verdicts ? &verdict : nullptr,
                   result.figures(), style));
  const std::string none;
  const std::string* const blank = verdicts ? &none : nullptr;
  const std::map<std::string, v1::Figures> steps(result.steps().begin(),
                                                 result.steps().end());
  for (const auto& [step, figures] : steps) {
    table.AddRow(Row("    " + step, blank, figures, style));
  }
  if (result.rounds_size() < 2) return;
  if (result.rounds_size() > kMostRoundRows) {
    for (std::vector<std::string>& cells : RoundSpread(result, style)) {
      if (verdicts) cells.insert(cells.begin() + 1, none);
      table.AddRow(std::move(cells));
    }
    return;
  }
  for (int i = 0; i < result.rounds_size(); ++i) {
    table.AddRow(
        Row(Paint(style, Color::kQuiet, "    round " + std::to_string(i + 1)),
            blank, result.rounds(i), style));
  }
}

Table Fill(const v1::SuiteResult& suite, bool verdicts, Style style) {
  Table table = MakeTable(verdicts);
  for (const auto& result : suite.tests()) {
    AddTest(result, verdicts, style, table);
  }
  return table;
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
  constexpr int kIndent = 2;
  Table table = Fill(suite, /*verdicts=*/true, style);
  if (columns > 0 && table.Width() + kIndent > columns) {
    table = Fill(suite, /*verdicts=*/false, style);
  }
  return table.Render(style, kIndent, columns);
}

}  // namespace perfrig
