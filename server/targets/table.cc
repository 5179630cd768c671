#include "server/targets/table.h"

#include <algorithm>
#include <cstdio>
#include <iterator>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"

namespace perfrig::targets {
namespace {

constexpr std::size_t kDigits = 8;

std::optional<std::uint32_t> NumberOf(const std::string& key) {
  std::uint32_t number = 0;
  if (key.size() != kDigits ||
      !std::all_of(key.begin(), key.end(), absl::ascii_isdigit) ||
      !absl::SimpleAtoi(key, &number) || number >= kSeededRows) {
    return std::nullopt;
  }
  return number;
}

}  // namespace

std::string SeededKey(std::uint32_t number) {
  char key[16];
  std::snprintf(key, sizeof key, "%08u", number);
  return key;
}

std::uint32_t FirstSeeded(const std::string& key) {
  std::uint32_t low = 0;
  std::uint32_t high = kSeededRows;
  while (low < high) {
    const std::uint32_t middle = (low + high) / 2;
    if (SeededKey(middle) < key) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

std::optional<Table::Entry> Table::Find(const std::string& key) const {
  const auto row = rows_.find(key);
  if (row != rows_.end()) return row->second;
  if (deleted_.contains(key)) return Entry();
  return std::nullopt;
}

std::optional<Table::Entry> Table::Swap(const std::string& key,
                                        std::optional<Entry> entry) {
  std::optional<Entry> before = Find(key);
  const bool was_deleted = before.has_value() && *before == nullptr;
  const bool deletes = entry.has_value() && *entry == nullptr;
  if (const std::optional<std::uint32_t> number = NumberOf(key)) {
    if (deletes && !was_deleted) Hide(*number);
    if (was_deleted && !deletes) Show(*number);
  }
  rows_.erase(key);
  deleted_.erase(key);
  if (deletes) {
    deleted_.insert(key);
  } else if (entry.has_value()) {
    rows_.emplace(key, *std::move(entry));
  }
  return before;
}

Table Table::PartFor(const target::v1::QueryRequest& query,
                     std::size_t limit) const {
  Table part;
  if (!query.key().empty()) {
    part.Swap(query.key(), Find(query.key()));
    return part;
  }
  for (auto row = rows_.lower_bound(query.from());
       row != rows_.end() && part.rows_.size() < limit &&
       (query.to().empty() || row->first < query.to());
       ++row) {
    part.rows_.insert(part.rows_.end(), *row);
  }
  auto range = hidden_.upper_bound(FirstSeeded(query.from()));
  if (range != hidden_.begin()) --range;
  // Behind each of these but the last is a row that is shown.
  for (; range != hidden_.end() && part.hidden_.size() <= limit; ++range) {
    part.hidden_.insert(part.hidden_.end(), *range);
  }
  return part;
}

std::uint32_t Table::NextShown(std::uint32_t number) const {
  const auto behind = hidden_.upper_bound(number);
  if (behind == hidden_.begin()) return number;
  return std::max(number, std::prev(behind)->second);
}

void Table::Hide(std::uint32_t number) {
  std::uint32_t end = number + 1;
  auto behind = hidden_.upper_bound(number);
  if (behind != hidden_.end() && behind->first == end) {
    end = behind->second;
    behind = hidden_.erase(behind);
  }
  if (behind != hidden_.begin() && std::prev(behind)->second == number) {
    std::prev(behind)->second = end;
  } else {
    hidden_.emplace(number, end);
  }
}

void Table::Show(std::uint32_t number) {
  const auto range = std::prev(hidden_.upper_bound(number));
  const std::uint32_t end = range->second;
  if (range->first == number) {
    hidden_.erase(range);
  } else {
    range->second = number;
  }
  if (number + 1 < end) hidden_.emplace(number + 1, end);
}

}  // namespace perfrig::targets
