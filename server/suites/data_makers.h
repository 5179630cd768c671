// Makes what {{zipf}}, {{file}} and {{csv}} draw from.
#ifndef PERFRIG_SERVER_SUITES_DATA_MAKERS_H_
#define PERFRIG_SERVER_SUITES_DATA_MAKERS_H_

#include <memory>

#include "absl/status/statusor.h"
#include "server/suites/data_maker.h"
#include "server/suites/supplied.h"
#include "server/suites/template_words.h"

namespace perfrig::suites {

using MadeData = absl::StatusOr<std::shared_ptr<const DataMaker>>;

// Each INVALID_ARGUMENT saying what is wrong with the template.

MadeData MakeZipf(const TemplateWords& words);
MadeData MakeFile(const TemplateWords& words);
// Null where nobody knows which files there are.
MadeData MakeCsv(const TemplateWords& words, const Supplied* supplied);

}  // namespace perfrig::suites

#endif  // PERFRIG_SERVER_SUITES_DATA_MAKERS_H_
