// One table of the Database target: what was written, over what the seed makes.
#ifndef PERFRIG_SERVER_TARGETS_TABLE_H_
#define PERFRIG_SERVER_TARGETS_TABLE_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "perfrig/target/v1/database.pb.h"

namespace perfrig::targets {

// Ranges walk the seeded rows of these numbers: "00000000" to "00999999".
inline constexpr std::uint32_t kSeededRows = 1'000'000;
std::string SeededKey(std::uint32_t number);
// The first number whose key is not before `key`; kSeededRows: none.
std::uint32_t FirstSeeded(const std::string& key);

// A value.
class Table {
 public:
  // Null where the row was deleted. Shared with those who read it just then.
  using Entry = std::shared_ptr<const target::v1::Row>;
  using Rows = std::map<std::string, Entry, std::less<>>;

  // Nothing where nobody wrote or deleted it.
  [[nodiscard]] std::optional<Entry> Find(const std::string& key) const;
  // Puts `entry` in its place, or nothing; returns what stood there.
  std::optional<Entry> Swap(const std::string& key, std::optional<Entry> entry);
  [[nodiscard]] bool empty() const { return rows_.empty() && deleted_.empty(); }

  // A part that is as good as all of it for a query of so many rows, and not
  // much larger than they are, however many were deleted.
  [[nodiscard]] Table PartFor(const target::v1::QueryRequest& query,
                              std::size_t limit) const;

  // What was written and not deleted, in order.
  [[nodiscard]] const Rows& rows() const { return rows_; }
  // The first number from `number` on whose row was not deleted.
  [[nodiscard]] std::uint32_t NextShown(std::uint32_t number) const;

 private:
  void Hide(std::uint32_t number);
  void Show(std::uint32_t number);

  Rows rows_;
  std::set<std::string, std::less<>> deleted_;
  // The deleted ones among the seeded rows: from a number to before another.
  std::map<std::uint32_t, std::uint32_t> hidden_;
};

}  // namespace perfrig::targets

#endif  // PERFRIG_SERVER_TARGETS_TABLE_H_
