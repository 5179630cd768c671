// Files as users upload them: {{file 1MB pdf}}. They begin and end as files of
// their kind do; what is between is random.
#ifndef PERFRIG_SERVER_SUITES_FILE_DATA_H_
#define PERFRIG_SERVER_SUITES_FILE_DATA_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "server/suites/data_maker.h"

namespace perfrig::suites {

// "pdf", "png", …
const std::vector<std::string>& FileKinds();

// INVALID_ARGUMENT for a kind that does not exist, with the nearest, and for
// fewer bytes than a file of the kind has.
absl::StatusOr<std::shared_ptr<const DataMaker>> MakeFileData(
    std::size_t size, std::string_view kind);

}  // namespace perfrig::suites

#endif  // PERFRIG_SERVER_SUITES_FILE_DATA_H_
