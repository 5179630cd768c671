#include "client/views/round_spread.h"

#include <algorithm>
#include <cstdint>

#include "absl/strings/str_cat.h"
#include "client/terminal/format.h"

namespace perfrig {
namespace {

using Values = std::vector<double>;

// Sorted, of the rounds that have it.
struct Column {
  Values values;
  std::string (*format)(double value, Style style);
};

std::string Number(double value, Style /*style*/) {
  return FormatNumber(value);
}

std::string Rate(double value, Style /*style*/) { return FormatRate(value); }

std::string Errors(double value, Style style) {
  const std::string text = FormatNumber(value);
  return value > 0 ? Paint(style, Color::kBad, text) : text;
}

Values TimesOf(const v1::TestResult& result,
               std::uint64_t (v1::Distribution::*nanos)() const) {
  Values values;
  for (const v1::Figures& round : result.rounds()) {
    if (round.latency().count() == 0) continue;
    values.push_back(static_cast<double>((round.latency().*nanos)()));
  }
  return values;
}

std::vector<Column> ColumnsOf(const v1::TestResult& result) {
  Values calls;
  Values rates;
  Values errors;
  for (const v1::Figures& round : result.rounds()) {
    calls.push_back(static_cast<double>(round.planned()));
    if (round.planned() > 0) rates.push_back(round.throughput());
    errors.push_back(static_cast<double>(
        round.planned() - std::min(round.planned(), round.ok())));
  }
  std::vector<Column> columns = {
      {std::move(calls), Number},
      {std::move(rates), Rate},
      {TimesOf(result, &v1::Distribution::p50_ns), FormatNanos},
      {TimesOf(result, &v1::Distribution::p95_ns), FormatNanos},
      {TimesOf(result, &v1::Distribution::p99_ns), FormatNanos},
      {TimesOf(result, &v1::Distribution::max_ns), FormatNanos},
      {std::move(errors), Errors}};
  for (Column& column : columns) {
    std::sort(column.values.begin(), column.values.end());
  }
  return columns;
}

double Min(const Values& sorted) { return sorted.front(); }

double Median(const Values& sorted) {
  const std::size_t middle = sorted.size() / 2;
  return sorted.size() % 2 == 1 ? sorted[middle]
                                : (sorted[middle - 1] + sorted[middle]) / 2;
}

double Max(const Values& sorted) { return sorted.back(); }

}  // namespace

std::vector<std::vector<std::string>> RoundSpread(const v1::TestResult& result,
                                                  Style style) {
  const std::vector<Column> columns = ColumnsOf(result);
  const std::string rounds = absl::StrCat(
      FormatCount(static_cast<std::uint64_t>(result.rounds_size())),
      " rounds: ");
  const std::string indent(4 + rounds.size(), ' ');
  const auto row = [&](const std::string& title,
                       double (*pick)(const Values&)) {
    std::vector<std::string> cells = {Paint(style, Color::kQuiet, title), ""};
    for (const Column& column : columns) {
      cells.push_back(column.values.empty()
                          ? "-"
                          : column.format(pick(column.values), style));
    }
    return cells;
  };
  return {row("    " + rounds + "min", Min), row(indent + "median", Median),
          row(indent + "max", Max)};
}

}  // namespace perfrig
