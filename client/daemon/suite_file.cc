#include "client/daemon/suite_file.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <optional>
#include <system_error>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "client/flags/variables.h"
#include "client/terminal/text.h"
#include "common/status/macros.h"
#include "common/strings/template_files.h"

namespace perfrig {
namespace {

constexpr std::size_t kSuiteLimit = 1'000'000;

std::optional<std::string> Environment(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  if (value == nullptr) return std::nullopt;
  return value;
}

absl::StatusOr<std::string> ReadStream(std::istream& in,
                                       const std::string& path,
                                       std::size_t limit) {
  std::string text(limit + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(in.gcount()));
  if (in.bad()) return absl::DataLossError(absl::StrCat(path, ": cannot read"));
  if (text.size() > limit) {
    std::string message =
        absl::StrCat(path, ":1:1: must be at most ", limit, " bytes");
    std::error_code error;
    const auto size = std::filesystem::file_size(path, error);
    // What is no file may have no end.
    if (!error) absl::StrAppend(&message, ", got ", size);
    return absl::FailedPreconditionError(message);
  }
  return text;
}

// 1-based; 0 where the whole text is UTF-8.
int LineThatIsNotUtf8(const std::string& text) {
  if (IsUtf8(text)) return 0;
  int number = 0;
  for (const absl::string_view line : absl::StrSplit(text, '\n')) {
    ++number;
    if (!IsUtf8(std::string(line))) break;
  }
  return number;
}

// Files that templates name, from beside the suite.
absl::Status AddFiles(const std::string& path, v1::SuiteSource& source) {
  std::size_t left = kMostFileBytes;
  for (const TemplateFile& file : TemplateFiles(source.text())) {
    const std::string place =
        absl::StrCat(path, ":", file.line, ":", file.column, ": ");
    const std::filesystem::path folder =
        std::filesystem::path(path).parent_path();
    // "." so that no name means standard input.
    const std::string at =
        ((folder.empty() ? "." : folder) / file.name).string();
    absl::StatusOr<std::string> text = ReadWholeFile(at, kMostFileBytes);
    if (!text.ok()) {
      return {text.status().code(),
              absl::StrCat(place, std::string(text.status().message()))};
    }
    if (text->size() > left) {
      return absl::FailedPreconditionError(
          absl::StrCat(place, "the files of a suite must be at most ",
                       kMostFileBytes, " bytes together"));
    }
    left -= text->size();
    (*source.mutable_files())[file.name] = *std::move(text);
  }
  return absl::OkStatus();
}

}  // namespace

bool MeansFile(const std::string& argument) {
  if (absl::EndsWith(argument, ".yaml") || absl::EndsWith(argument, ".yml")) {
    return true;
  }
  std::error_code error;
  return std::filesystem::is_regular_file(argument, error);
}

absl::StatusOr<std::string> ReadWholeFile(const std::string& path,
                                          std::size_t limit) {
  if (path == "-") return ReadStream(std::cin, "standard input", limit);
  std::error_code error;
  if (!std::filesystem::exists(path, error)) {
    return absl::NotFoundError(absl::StrCat(path, ": there is no such file"));
  }
  if (std::filesystem::is_directory(path, error)) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, ": is a folder, not a file"));
  }
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    return absl::PermissionDeniedError(
        absl::StrCat(path, ": cannot be opened"));
  }
  return ReadStream(file, path, limit);
}

absl::StatusOr<v1::SuiteSource> ReadSuite(
    const std::string& path,
    const std::map<std::string, std::string>& settings) {
  v1::SuiteSource source;
  source.set_file_name(path);
  ASSIGN_OR_RETURN(*source.mutable_text(), ReadWholeFile(path, kSuiteLimit));
  if (const int line = LineThatIsNotUtf8(source.text()); line > 0) {
    return absl::FailedPreconditionError(
        absl::StrCat(path, ":", line, ":1: this line is not UTF-8"));
  }
  for (const auto& [name, value] :
       ResolveVariables(source.text(), settings, Environment)) {
    (*source.mutable_variables())[name] = value;
  }
  RETURN_IF_ERROR(AddFiles(path, source));
  return source;
}

}  // namespace perfrig
