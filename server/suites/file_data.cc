#include "server/suites/file_data.h"

#include <algorithm>
#include <array>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/strings/nearest.h"
#include "server/suites/random_data.h"

namespace perfrig::suites {
namespace {

enum class Filler {
  kBytes,
  // Letters, digits, spaces and dots.
  kText,
  // Lines of 79 letters and so on.
  kLines,
  // Rows of three columns, the first of them a number.
  kRows,
};

struct Kind {
  std::string_view name;
  std::string_view begin;
  std::string_view end;
  Filler filler;
};

using namespace std::string_view_literals;

constexpr std::array kKinds = {
    Kind{"csv", "id,name,comment\r\n", "\r\n", Filler::kRows},
    // SOI, JFIF header; end of image.
    Kind{
        "jpg",
        "\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x01\x00\x48\x00\x48\x00\x00"sv,
        "\xff\xd9"sv, Filler::kBytes},
    Kind{"json", "{\"content\":\"", "\"}", Filler::kText},
    Kind{"pdf",
         "%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"
         "1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n"
         "2 0 obj\n<< /Type /Pages /Kids [] /Count 0 >>\nendobj\n"
         "3 0 obj\n<< >>\nstream\n"sv,
         "\nendstream\nendobj\ntrailer\n<< /Root 1 0 R /Size 4 >>\n"
         "startxref\n0\n%%EOF\n"sv,
         Filler::kBytes},
    // Signature, IHDR of 1,024 × 1,024 pixels of RGB; IEND.
    Kind{"png",
         "\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR\x00\x00\x04\x00\x00\x00\x04\x00"
         "\x08\x02\x00\x00\x00\xf0\x7f\xbc\xd4"sv,
         "\x00\x00\x00\x00IEND\xae\x42\x60\x82"sv, Filler::kBytes},
    Kind{"txt", "", "\n", Filler::kLines},
    // Local header of a stored file "data"; empty central directory.
    Kind{"zip",
         "PK\x03\x04\x0a\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
         "\x00\x00\x00\x00\x00\x00\x00\x00\x04\x00\x00\x00"
         "data"sv,
         "PK\x05\x06\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
         "\x00\x00\x00\x00"sv,
         Filler::kBytes},
};

// Every `width` letters a line ends.
void AppendLines(std::size_t size, std::size_t width, std::uint64_t& random,
                 std::string& out) {
  const std::size_t begin = out.size();
  AppendText(size, random, out);
  for (std::size_t at = width; at < size; at += width + 1) {
    out[begin + at] = '\n';
  }
}

void AppendRows(std::size_t size, std::uint64_t& random, std::string& out) {
  constexpr std::size_t kName = 12;
  constexpr std::size_t kComment = 40;
  const std::size_t end = out.size() + size;
  for (std::uint64_t id = 1; out.size() < end; ++id) {
    if (id > 1) out.append("\r\n");
    absl::StrAppend(&out, id, ",");
    AppendText(kName, random, out);
    out.push_back(',');
    AppendText(kComment, random, out);
  }
  // The last row has what is left.
  out.resize(end);
}

class FileData final : public DataMaker {
 public:
  FileData(std::size_t size, const Kind& kind) : size_(size), kind_(kind) {}

  void Append(std::uint64_t, std::uint64_t& random,
              std::string& out) const override {
    out.append(kind_.begin);
    const std::size_t size = size_ - kind_.begin.size() - kind_.end.size();
    switch (kind_.filler) {
      case Filler::kBytes:
        AppendBytes(size, random, out);
        break;
      case Filler::kText:
        AppendText(size, random, out);
        break;
      case Filler::kLines:
        AppendLines(size, 79, random, out);
        break;
      case Filler::kRows:
        AppendRows(size, random, out);
        break;
    }
    out.append(kind_.end);
  }

  // The least that tells the kind.
  std::string Sample(bool) const override {
    return absl::StrCat(std::string(kind_.begin), std::string(kind_.end));
  }
  bool raw() const override { return true; }
  bool binary() const override { return kind_.filler == Filler::kBytes; }

 private:
  const std::size_t size_;
  const Kind& kind_;
};

}  // namespace

const std::vector<std::string>& FileKinds() {
  static const auto& names = *[] {
    auto* all = new std::vector<std::string>;
    for (const Kind& kind : kKinds) all->emplace_back(kind.name);
    return all;
  }();
  return names;
}

absl::StatusOr<std::shared_ptr<const DataMaker>> MakeFileData(
    std::size_t size, std::string_view name) {
  const auto* const kind =
      std::find_if(kKinds.begin(), kKinds.end(),
                   [&](const Kind& each) { return each.name == name; });
  if (kind == kKinds.end()) {
    return absl::InvalidArgumentError(
        absl::StrCat("unknown kind of file \"", std::string(name), "\"",
                     DidYouMean(name, FileKinds()), "; there are ",
                     absl::StrJoin(FileKinds(), ", ")));
  }
  const std::size_t least = kind->begin.size() + kind->end.size();
  if (size < least) {
    return absl::InvalidArgumentError(absl::StrCat("a ", std::string(name),
                                                   " has at least ", least,
                                                   " bytes, got ", size));
  }
  return std::make_shared<FileData>(size, *kind);
}

}  // namespace perfrig::suites
