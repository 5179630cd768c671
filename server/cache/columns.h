// A table as FlatBuffers, column by column (columns.fbs), read where it lies.
//
//   const std::string bytes = ToColumns(rows);
//   ASSIGN_OR_RETURN(const Columns columns, Columns::Open(bytes));
//   double sum = 0;
//   for (const double amount : columns.amounts()) sum += amount;
#ifndef PERFRIG_SERVER_CACHE_COLUMNS_H_
#define PERFRIG_SERVER_CACHE_COLUMNS_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "server/cache/rows.h"

namespace perfrig::cache {

std::string ToColumns(std::span<const Row> rows);

// Views into the bytes, which outlive it.
class Columns {
 public:
  // Checks all that reading relies on, in a time that does not grow with the
  // rows; the end of each name is checked when it is read. DATA_LOSS where they
  // are damaged, INVALID_ARGUMENT where they do not begin at a multiple of 8,
  // as a string's own and a mapped file's do.
  static absl::StatusOr<Columns> Open(std::string_view bytes);

  [[nodiscard]] std::size_t size() const { return ids_.size(); }
  [[nodiscard]] std::span<const std::int64_t> ids() const { return ids_; }
  [[nodiscard]] std::span<const double> amounts() const { return amounts_; }
  [[nodiscard]] std::span<const std::int32_t> quantities() const {
    return quantities_;
  }
  [[nodiscard]] bool active(std::size_t row) const { return active_[row] != 0; }
  // Empty where its ends make no sense.
  [[nodiscard]] std::string_view name(std::size_t row) const;

  [[nodiscard]] std::vector<Row> ToRows() const;

 private:
  Columns() = default;

  std::span<const std::int64_t> ids_;
  std::string_view names_;
  std::span<const std::uint32_t> name_ends_;
  std::span<const double> amounts_;
  std::span<const std::int32_t> quantities_;
  std::span<const std::uint8_t> active_;
};

}  // namespace perfrig::cache

#endif  // PERFRIG_SERVER_CACHE_COLUMNS_H_
