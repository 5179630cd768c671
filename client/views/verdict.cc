#include "client/views/verdict.h"

#include "absl/strings/str_cat.h"

namespace perfrig {

int ExitCode(v1::Verdict verdict) {
  switch (verdict) {
    case v1::PASS:
      return 0;
    case v1::INVALID:
      return 97;
    case v1::INCONCLUSIVE:
      return 98;
    case v1::FAIL:
      return 99;
    case v1::CANCELLED:
      return kExitCancelled;
    default:
      return kExitError;
  }
}

std::string VerdictName(v1::Verdict verdict) {
  if (verdict == v1::VERDICT_UNSPECIFIED) return "-";
  return v1::Verdict_Name(verdict);
}

Color VerdictColor(v1::Verdict verdict) {
  switch (verdict) {
    case v1::PASS:
      return Color::kGood;
    case v1::FAIL:
    case v1::ERROR:
      return Color::kBad;
    case v1::INVALID:
    case v1::INCONCLUSIVE:
    case v1::CANCELLED:
      return Color::kWarning;
    default:
      return Color::kQuiet;
  }
}

std::string PaintedVerdict(v1::Verdict verdict, Style style) {
  return Paint(style, VerdictColor(verdict), VerdictName(verdict));
}

std::string StateOrVerdict(const v1::Run& run, Style style) {
  switch (run.state()) {
    case v1::QUEUED:
      return Paint(style, Color::kQuiet, "queued");
    case v1::RUNNING:
      return Paint(style, Color::kAccent,
                   absl::StrCat("running ",
                                static_cast<int>(run.progress() * 100), " %"));
    default:
      return PaintedVerdict(run.verdict(), style);
  }
}

std::string VerdictMark(v1::Verdict verdict, Style style) {
  const Symbols& symbols = SymbolsOf(style);
  switch (VerdictColor(verdict)) {
    case Color::kGood:
      return Paint(style, Color::kGood, symbols.good);
    case Color::kBad:
      return Paint(style, Color::kBad, symbols.bad);
    case Color::kWarning:
      return Paint(style, Color::kWarning, symbols.warning);
    default:
      return Paint(style, Color::kQuiet, symbols.skipped);
  }
}

}  // namespace perfrig
