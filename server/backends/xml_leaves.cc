#include "server/backends/xml_leaves.h"

#include <expat.h>

#include <memory>
#include <type_traits>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

namespace perfrig::backends {
namespace {

struct FreeParser {
  void operator()(XML_Parser parser) const { XML_ParserFree(parser); }
};

struct Reader {
  XmlLeaves leaves;
  std::string path;
  std::string text;
  // Nothing has ended since the last beginning.
  bool is_leaf = false;

  static void Begin(void* self, const char* name, const char** attributes) {
    auto& reader = *static_cast<Reader*>(self);
    if (!reader.path.empty()) reader.path += '/';
    reader.path += name;
    reader.text.clear();
    reader.is_leaf = true;
  }
  static void End(void* self, const char* name) {
    auto& reader = *static_cast<Reader*>(self);
    if (reader.is_leaf) {
      reader.leaves.emplace_back(reader.path, reader.text);
    } else {
      reader.leaves.emplace_back(reader.path + '/', "");
    }
    reader.is_leaf = false;
    const std::size_t slash = reader.path.rfind('/');
    reader.path.resize(slash == std::string::npos ? 0 : slash);
  }
  static void Text(void* self, const char* text, int size) {
    static_cast<Reader*>(self)->text.append(text,
                                            static_cast<std::size_t>(size));
  }
};

}  // namespace

absl::StatusOr<XmlLeaves> ReadXmlLeaves(std::string_view text) {
  const std::unique_ptr<std::remove_pointer_t<XML_Parser>, FreeParser> parser(
      XML_ParserCreate(nullptr));
  Reader reader;
  XML_SetUserData(parser.get(), &reader);
  XML_SetElementHandler(parser.get(), Reader::Begin, Reader::End);
  XML_SetCharacterDataHandler(parser.get(), Reader::Text);
  if (XML_Parse(parser.get(), text.data(), static_cast<int>(text.size()), 1) ==
      XML_STATUS_OK) {
    return std::move(reader.leaves);
  }
  return absl::InvalidArgumentError(
      absl::StrCat("xml: line ", XML_GetCurrentLineNumber(parser.get()), ": ",
                   XML_ErrorString(XML_GetErrorCode(parser.get()))));
}

std::string LeafOf(const XmlLeaves& leaves, std::string_view path) {
  for (const auto& [at, text] : leaves) {
    if (at == path) return text;
  }
  return {};
}

std::string XmlEscape(std::string_view text) {
  return absl::StrReplaceAll(absl::string_view(text.data(), text.size()),
                             {{"&", "&amp;"}, {"<", "&lt;"}, {">", "&gt;"}});
}

}  // namespace perfrig::backends
