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

// Suite files below the folder, ordered by path; `error` says why they could
// not be listed.
std::vector<fs::path> ListFiles(const std::string& folder,
                                std::error_code& error) {
  std::vector<fs::path> files;
  fs::recursive_directory_iterator it(folder, error);
  const fs::recursive_directory_iterator end;
  while (!error && it != end) {
    std::error_code ignored;
    if (it->is_regular_file(ignored) && IsSuiteFile(it->path())) {
      files.push_back(it->path());
    }
    it.increment(error);
  }
  std::sort(files.begin(), files.end());
  return files;
}

// Path, size and time of change of all files.
std::string Fingerprint(const std::string& folder) {
  std::error_code error;
  std::string fingerprint;
  for (const fs::path& file : ListFiles(folder, error)) {
    std::error_code ignored;
    const auto changed = fs::last_write_time(file, ignored);
    absl::StrAppend(&fingerprint, file.string(), "\n",
                    fs::file_size(file, ignored), "\n",
                    changed.time_since_epoch().count(), "\n");
  }
  return absl::StrCat(error.value(), "\n", fingerprint);
}

// At most what a suite may have, and one byte more.
std::optional<std::string> ReadFile(const fs::path& path) {
  std::ifstream stream(path, std::ios::binary);
  std::string text(yaml::kMostBytes + 1, '\0');
  stream.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (stream.bad() || (stream.fail() && !stream.eof())) return std::nullopt;
  text.resize(static_cast<std::size_t>(stream.gcount()));
  return text;
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
                 std::vector<std::string> local_functions)
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

Catalog::Entry Catalog::ReadEntry(std::string file, std::string text) const {
  Entry entry;
  entry.source.set_file_name(std::move(file));
  entry.source.set_text(std::move(text));
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
    Entry entry =
        ReadEntry(std::string(shipped.file), std::string(shipped.text));
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
  for (const fs::path& path : ListFiles(folder_, error)) {
    const std::string file = path.string();
    const auto text = ReadFile(path);
    Entry entry = text ? ReadEntry(file, *text) : Entry();
    if (!text) entry.problems.push_back(MakeProblem(file, "cannot be read"));
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
