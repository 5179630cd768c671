#include "server/suites/catalog.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/details.h"
#include "common/strings/glob.h"
#include "common/strings/nearest.h"
#include "common/strings/template_files.h"
#include "common/yaml/tree.h"
#include "server/suites/reader.h"
#include "server/suites/shipped.h"

namespace perfrig::suites {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kPrefix = "suites/";

std::string_view WithoutPrefix(std::string_view name) {
  return name.starts_with(kPrefix) ? name.substr(kPrefix.size()) : name;
}

bool IsSuiteFile(const fs::path& path) {
  return path.extension() == ".yaml" || path.extension() == ".yml";
}

// Files below the folder that `wanted` takes, ordered by path; `error` says why
// they could not be listed.
std::vector<fs::path> ListFiles(const std::string& folder,
                                bool (*wanted)(const fs::path&),
                                std::error_code& error) {
  std::vector<fs::path> files;
  fs::recursive_directory_iterator it(folder, error);
  const fs::recursive_directory_iterator end;
  while (!error && it != end) {
    std::error_code ignored;
    if (it->is_regular_file(ignored) && wanted(it->path())) {
      files.push_back(it->path());
    }
    it.increment(error);
  }
  std::sort(files.begin(), files.end());
  return files;
}

bool IsFile(const fs::path&) { return true; }

// Path, size and time of change of all files: suites, and what they name.
std::string Fingerprint(const std::string& folder) {
  std::error_code error;
  std::string fingerprint;
  for (const fs::path& file : ListFiles(folder, IsFile, error)) {
    std::error_code ignored;
    const auto changed = fs::last_write_time(file, ignored);
    absl::StrAppend(&fingerprint, file.string(), "\n",
                    fs::file_size(file, ignored), "\n",
                    changed.time_since_epoch().count(), "\n");
  }
  return absl::StrCat(error.value(), "\n", fingerprint);
}

// At most so many bytes, and one more.
std::optional<std::string> ReadFile(const fs::path& path, std::size_t most) {
  std::ifstream stream(path, std::ios::binary);
  std::string text(most + 1, '\0');
  stream.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (stream.bad() || (stream.fail() && !stream.eof())) return std::nullopt;
  text.resize(static_cast<std::size_t>(stream.gcount()));
  return text;
}

bool IsBelow(const fs::path& path, const fs::path& folder) {
  return std::mismatch(folder.begin(), folder.end(), path.begin(), path.end())
             .first == folder.end();
}

// Files that templates name, from beside the suite and from nowhere outside of
// the folder; those that are not there are left out.
void AddFiles(const fs::path& folder, const fs::path& suite,
              v1::SuiteSource& source) {
  std::error_code error;
  const fs::path root = fs::canonical(folder, error);
  std::size_t left = kMostFileBytes;
  for (const TemplateFile& file : TemplateFiles(source.text())) {
    const fs::path path = fs::canonical(suite.parent_path() / file.name, error);
    if (error || !IsBelow(path, root) || !fs::is_regular_file(path, error)) {
      continue;
    }
    std::optional<std::string> text = ReadFile(path, left);
    if (!text) continue;
    const bool too_large = text->size() > left;
    (*source.mutable_files())[file.name] = *std::move(text);
    // Whoever reads the suite says so.
    if (too_large) return;
    left -= source.files().at(file.name).size();
  }
}

v1::Problem MakeProblem(const std::string& file, std::string message) {
  v1::Problem problem;
  problem.set_file(file);
  problem.set_message(std::move(message));
  return problem;
}

// What the suite is called, also where it cannot be read: as its file.
std::string EntryName(const std::string& file, const v1::Suite& suite) {
  const std::string id(WithoutPrefix(suite.name()));
  return id.empty() ? fs::path(file).stem().string() : id;
}

// Instead of the problems of a suite, for one who only names it.
absl::Status Broken(std::string_view name, std::string_view problems) {
  return absl::FailedPreconditionError(absl::StrCat(
      "suite \"", std::string(name),
      "\" is broken: ", std::string(problems.substr(0, problems.find('\n')))));
}

}  // namespace

Catalog::Catalog(std::string folder,
                 std::map<std::string, std::string> environment,
                 LocalFunctions local_functions)
    : folder_(std::move(folder)),
      environment_(std::move(environment)),
      local_functions_(std::move(local_functions)) {}

void Catalog::Refresh() {
  const std::string now =
      folder_.empty() ? "none" : absl::StrCat("folder ", Fingerprint(folder_));
  const MutexLock lock(mutex_);
  if (now == fingerprint_) return;
  entries_ = Load();
  fingerprint_ = now;
}

Catalog::Entry Catalog::ReadEntry(v1::SuiteSource source) const {
  Entry entry;
  entry.source = std::move(source);
  entry.source.mutable_variables()->insert(environment_.begin(),
                                           environment_.end());
  ReadResult read = ReadSuite(entry.source, Alone());
  if (read.suite) entry.suite = *std::move(read.suite);
  entry.problems = std::move(read.problems);
  return entry;
}

Catalog::Entries Catalog::Load() const {
  Entries entries;
  for (const ShippedSuite& shipped : ShippedSuites()) {
    v1::SuiteSource source;
    source.set_file_name(std::string(shipped.file));
    source.set_text(std::string(shipped.text));
    Entry entry = ReadEntry(std::move(source));
    std::string name = EntryName(entry.source.file_name(), entry.suite);
    entries.insert_or_assign(std::move(name), std::move(entry));
  }
  if (!folder_.empty()) LoadFolder(entries);
  CheckTogether(entries);
  return entries;
}

void Catalog::LoadFolder(Entries& entries) const {
  std::error_code error;
  // By name, which files of the folder have been read.
  std::map<std::string, std::string> files;
  for (const fs::path& path : ListFiles(folder_, IsSuiteFile, error)) {
    const std::string file = path.string();
    const auto text = ReadFile(path, yaml::kMostBytes);
    Entry entry;
    if (text) {
      v1::SuiteSource source;
      source.set_file_name(file);
      source.set_text(*text);
      AddFiles(folder_, path, source);
      entry = ReadEntry(std::move(source));
    } else {
      entry.problems.push_back(MakeProblem(file, "cannot be read"));
    }
    const std::string name = EntryName(file, entry.suite);
    const auto [first, is_new] = files.emplace(name, file);
    if (is_new) {
      entries.insert_or_assign(name, std::move(entry));
      continue;
    }
    entries[name].problems.push_back(MakeProblem(
        file,
        absl::StrCat("has the same suite ", name, " as ", first->second)));
  }
  if (error) {
    // No suite can have this name.
    entries[""].problems.push_back(MakeProblem(
        folder_, absl::StrCat("cannot be read: ", error.message())));
  }
}

void Catalog::CheckTogether(Entries& entries) const {
  Surroundings around = Alone();
  around.others =
      [&](std::string_view name) -> absl::StatusOr<const v1::Suite*> {
    const auto found = entries.find(std::string(name));
    if (found == entries.end()) return NotFound(entries, std::string(name));
    const Entry& entry = found->second;
    if (entry.problems.empty()) return &entry.suite;
    return Broken(name, ToText(entry.problems));
  };
  for (auto& [name, entry] : entries) {
    if (!entry.problems.empty() || !NamesOthers(entry.suite)) continue;
    entry.problems_with_others = ReadSuite(entry.source, around).problems;
  }
}

std::vector<v1::Suite> Catalog::List(std::string_view pattern) {
  Refresh();
  pattern = WithoutPrefix(pattern);
  std::vector<v1::Suite> suites;
  const MutexLock lock(mutex_);
  for (const auto& [name, entry] : entries_) {
    if (!entry.problems.empty() || !entry.problems_with_others.empty()) {
      continue;
    }
    if (pattern.empty() || MatchesGlob(pattern, name)) {
      suites.push_back(entry.suite);
    }
  }
  return suites;
}

absl::StatusOr<v1::Suite> Catalog::Get(
    std::string_view name,
    const std::map<std::string, std::string>& variables) {
  return Read(name, variables, SurroundingsWith(variables));
}

Surroundings Catalog::SurroundingsWith(
    const std::map<std::string, std::string>& variables) {
  // Each is read once, and lives as long as the function.
  auto known =
      std::make_shared<std::map<std::string, absl::StatusOr<v1::Suite>>>();
  Surroundings around = Alone();
  around.others =
      [this, variables,
       known](std::string_view name) -> absl::StatusOr<const v1::Suite*> {
    auto found = known->find(std::string(name));
    if (found == known->end()) {
      found = known->emplace(name, Read(name, variables, Alone())).first;
    }
    const absl::StatusOr<v1::Suite>& suite = found->second;
    if (suite.ok()) return &*suite;
    if (absl::IsNotFound(suite.status())) return suite.status();
    return Broken(name, std::string(suite.status().message()));
  };
  return around;
}

absl::StatusOr<v1::Suite> Catalog::Read(
    std::string_view name, const std::map<std::string, std::string>& variables,
    const Surroundings& around) {
  Refresh();
  const std::string id(WithoutPrefix(name));
  if (id.empty()) {
    return BadField("name", absl::StrCat("must be suites/{suite}, got \"",
                                         std::string(name), "\""));
  }
  v1::SuiteSource source;
  {
    const MutexLock lock(mutex_);
    const auto found = entries_.find(id);
    if (found == entries_.end()) return NotFound(entries_, id);
    const Entry& entry = found->second;
    if (variables.empty() || entry.source.text().empty()) {
      if (!entry.problems.empty()) return ToStatus(entry.problems);
      if (around.others && !entry.problems_with_others.empty()) {
        return ToStatus(entry.problems_with_others);
      }
      return entry.suite;
    }
    source = entry.source;
  }
  for (const auto& [key, value] : variables) {
    (*source.mutable_variables())[key] = value;
  }
  ReadResult read = ReadSuite(source, around);
  if (!read.problems.empty()) {
    return ToStatus(read.problems);
  }
  return *std::move(read.suite);
}

v1::SuiteSource Catalog::Source(std::string_view name) {
  const MutexLock lock(mutex_);
  const auto found = entries_.find(std::string(WithoutPrefix(name)));
  return found == entries_.end() ? v1::SuiteSource() : found->second.source;
}

absl::StatusOr<std::vector<std::string>> Catalog::Match(
    std::string_view pattern) {
  Refresh();
  const std::string id(WithoutPrefix(pattern));
  std::vector<std::string> names;
  const MutexLock lock(mutex_);
  for (const auto& [name, entry] : entries_) {
    if (!name.empty() && MatchesGlob(id, name)) {
      names.push_back(absl::StrCat(std::string(kPrefix), name));
    }
  }
  if (names.empty()) return NotFound(entries_, id);
  return names;
}

std::vector<v1::Problem> Catalog::Problems() {
  Refresh();
  std::vector<v1::Problem> problems;
  const MutexLock lock(mutex_);
  for (const auto& [name, entry] : entries_) {
    problems.insert(problems.end(), entry.problems.begin(),
                    entry.problems.end());
    problems.insert(problems.end(), entry.problems_with_others.begin(),
                    entry.problems_with_others.end());
  }
  return problems;
}

absl::Status Catalog::NotFound(const Entries& entries,
                               const std::string& name) {
  std::vector<std::string> names;
  for (const auto& [known, entry] : entries) names.push_back(known);
  return absl::NotFoundError(absl::StrCat("there is no suite \"", name, "\"",
                                          DidYouMean(name, names)));
}

}  // namespace perfrig::suites
