#include "server/logging.h"

#include <gtest/gtest.h>

namespace perfrig {
namespace {

TEST(Logging, TextQuotesOnlyWhatNeedsIt) {
  EXPECT_EQ(
      FormatText("run queued",
                 {{"run", "runs/1"}, {"reason", "a \"b\" c"}, {"empty", ""}}),
      "run queued run=runs/1 reason=\"a \\\"b\\\" c\" empty=\"\"");
}

TEST(Logging, JsonEscapesWhatWouldBreakALine) {
  EXPECT_EQ(FormatJson("two\nlines",
                       {{"bell", std::string(1, '\a')}, {"path", "a\\b"}}),
            R"("message":"two\nlines","bell":"\u0007","path":"a\\b")");
}

}  // namespace
}  // namespace perfrig
