#include "server/cache/columns.h"

#include <bit>

#include "absl/status/status.h"
#include "server/cache/columns_generated.h"

namespace perfrig::cache {
namespace {

// The vectors are read as they lie.
static_assert(std::endian::native == std::endian::little);

template <class T>
std::span<const T> SpanOf(const flatbuffers::Vector<T>* vector) {
  if (vector == nullptr) return {};
  return {reinterpret_cast<const T*>(vector->Data()), vector->size()};
}

}  // namespace

std::string ToColumns(std::span<const Row> rows) {
  std::vector<std::int64_t> ids;
  std::string names;
  std::vector<std::uint32_t> name_ends;
  std::vector<double> amounts;
  std::vector<std::int32_t> quantities;
  std::vector<std::uint8_t> active;
  for (const Row& row : rows) {
    ids.push_back(row.id);
    names += row.name;
    name_ends.push_back(static_cast<std::uint32_t>(names.size()));
    amounts.push_back(row.amount);
    quantities.push_back(row.quantity);
    active.push_back(row.active ? 1 : 0);
  }
  flatbuffers::FlatBufferBuilder builder(rows.size() * 32 + names.size());
  const auto id = builder.CreateVector(ids);
  const auto name = builder.CreateString(names);
  const auto name_end = builder.CreateVector(name_ends);
  const auto amount = builder.CreateVector(amounts);
  const auto quantity = builder.CreateVector(quantities);
  const auto is_active = builder.CreateVector(active);
  fbs::FinishColumnTableBuffer(
      builder, fbs::CreateColumnTable(builder, id, name, name_end, amount,
                                      quantity, is_active));
  return {reinterpret_cast<const char*>(builder.GetBufferPointer()),
          builder.GetSize()};
}

absl::StatusOr<Columns> Columns::Open(std::string_view bytes) {
  if (reinterpret_cast<std::uintptr_t>(bytes.data()) % 8 != 0) {
    return absl::InvalidArgumentError(
        "a table of columns must begin at a multiple of 8 bytes");
  }
  const auto* const data = reinterpret_cast<const std::uint8_t*>(bytes.data());
  flatbuffers::Verifier verifier(data, bytes.size());
  if (bytes.size() < 2 * sizeof(flatbuffers::uoffset_t) ||
      !fbs::VerifyColumnTableBuffer(verifier)) {
    return absl::DataLossError("a table of columns is damaged");
  }
  const fbs::ColumnTable& table = *fbs::GetColumnTable(data);
  Columns columns;
  columns.ids_ = SpanOf(table.id());
  if (table.names() != nullptr) {
    columns.names_ = {table.names()->data(), table.names()->size()};
  }
  columns.name_ends_ = SpanOf(table.name_end());
  columns.amounts_ = SpanOf(table.amount());
  columns.quantities_ = SpanOf(table.quantity());
  columns.active_ = SpanOf(table.active());
  const std::size_t size = columns.size();
  if (columns.name_ends_.size() != size || columns.amounts_.size() != size ||
      columns.quantities_.size() != size || columns.active_.size() != size) {
    return absl::DataLossError("a table has columns of different lengths");
  }
  return columns;
}

std::string_view Columns::name(std::size_t row) const {
  const std::size_t begin = row == 0 ? 0 : name_ends_[row - 1];
  const std::size_t end = name_ends_[row];
  if (begin > end || end > names_.size()) return {};
  return names_.substr(begin, end - begin);
}

std::vector<Row> Columns::ToRows() const {
  std::vector<Row> rows;
  rows.reserve(size());
  for (std::size_t i = 0; i < size(); ++i) {
    rows.push_back({.id = ids_[i],
                    .name = std::string(name(i)),
                    .amount = amounts_[i],
                    .quantity = quantities_[i],
                    .active = active(i)});
  }
  return rows;
}

}  // namespace perfrig::cache
