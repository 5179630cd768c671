// The texts in an XML document, which is all that S3's answers are read for.
#ifndef PERFRIG_SERVER_BACKENDS_XML_LEAVES_H_
#define PERFRIG_SERVER_BACKENDS_XML_LEAVES_H_

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"

namespace perfrig::backends {

// Path, such as "ListBucketResult/Contents/Key", and text of each element that
// has no other in it, in order; after what is in another element its own path
// with a slash at the end, "ListBucketResult/Contents/", and no text.
using XmlLeaves = std::vector<std::pair<std::string, std::string>>;

// INVALID_ARGUMENT for what is no XML.
absl::StatusOr<XmlLeaves> ReadXmlLeaves(std::string_view text);
// Of the first with this path; empty where there is none.
std::string LeafOf(const XmlLeaves& leaves, std::string_view path);
// `text` as the text of an element.
std::string XmlEscape(std::string_view text);

}  // namespace perfrig::backends

#endif  // PERFRIG_SERVER_BACKENDS_XML_LEAVES_H_
