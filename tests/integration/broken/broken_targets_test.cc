// The shipped suites, on broken targets: the right tests have to fail, by the
// right thresholds, with the right hints.
#include "tests/integration/broken/broken_targets.h"

#include <utility>

#include "tests/support/servers/s3_server.h"
#include "tests/support/servers/server_test.h"

namespace perfrig {
namespace {

using ::testing::ValuesIn;

TEST_P(BrokenTargets, MakeTheRightTestsFail) { ExpectAllMisses(); }

INSTANTIATE_TEST_SUITE_P(Core, BrokenTargets, ValuesIn(CoreBreakages()),
                         NameOf);
INSTANTIATE_TEST_SUITE_P(Ingester, BrokenTargets, ValuesIn(IngesterBreakages()),
                         NameOf);
INSTANTIATE_TEST_SUITE_P(Llm, BrokenTargets, ValuesIn(LlmBreakages()), NameOf);
INSTANTIATE_TEST_SUITE_P(SalesTalk, BrokenTargets,
                         ValuesIn(SalesTalkBreakages()), NameOf);
INSTANTIATE_TEST_SUITE_P(Sparkle, BrokenTargets, ValuesIn(SparkleBreakages()),
                         NameOf);
INSTANTIATE_TEST_SUITE_P(SparkleAtScale, BrokenTargets,
                         ValuesIn(SparkleScaleBreakages()), NameOf);

using BrokenTargetsWithS3 = ServerTest<S3Server, BrokenTargets>;

TEST_P(BrokenTargetsWithS3, MakeTheRightTestsFail) {
  Config config = FreePorts();
  config.s3 = server_->Url();

  ExpectAllMisses(std::move(config));
}

INSTANTIATE_TEST_SUITE_P(Ingester, BrokenTargetsWithS3,
                         ValuesIn(IngesterS3Breakages()), NameOf);

}  // namespace
}  // namespace perfrig
