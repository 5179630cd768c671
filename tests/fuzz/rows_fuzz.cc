// Rows of the Database target: puts, deletes and queries, four bytes each.
// Whatever comes, each query finds what a plain map of all that was written,
// over the seeded rows, would find.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "server/targets/rows.h"

namespace {

using perfrig::target::v1::QueryRequest;
using perfrig::target::v1::Row;
using perfrig::targets::FirstSeeded;
using perfrig::targets::kSeededRows;
using perfrig::targets::Rows;
using perfrig::targets::SeededKey;

void Require(bool holds) {
  if (!holds) std::abort();
}

// What was written, with the value; empty: deleted.
using Model = std::map<std::string, std::string>;

// Few enough to meet: at both ends of the seeded rows, beside and behind them.
std::string KeyOf(std::uint8_t byte) {
  const std::uint32_t number = byte % 64U;
  switch (byte / 64) {
    case 0:
      return SeededKey(number);
    case 1:
      return SeededKey(kSeededRows - 1 - number);
    case 2:
      return SeededKey(number) + "a";
    default:
      return std::string(number % 10 + 1, '0');
  }
}

Rows::Results Apply(Rows& rows, const Rows::Statements& statements) {
  const auto results = rows.Apply(statements, /*seed=*/1, rows.epoch());
  Require(results.ok());
  return *results;
}

std::vector<std::string> Expected(const Model& model,
                                  const QueryRequest& query) {
  // No more seeded rows can be found than these.
  std::set<std::string> keys;
  const std::size_t most = query.limit() + model.size();
  for (std::uint32_t number = FirstSeeded(query.from());
       number < kSeededRows && keys.size() < most; ++number) {
    keys.insert(SeededKey(number));
  }
  for (const auto& [key, value] : model) {
    if (value.empty()) {
      keys.erase(key);
    } else {
      keys.insert(key);
    }
  }
  std::vector<std::string> found;
  for (const std::string& key : keys) {
    if (key < query.from() || (!query.to().empty() && key >= query.to())) {
      continue;
    }
    if (found.size() < query.limit()) found.push_back(key);
  }
  return found;
}

void RequireFound(const Model& model, const Row& row) {
  const auto written = model.find(row.key());
  if (written == model.end()) {
    Require(row.columns_size() == 4);
  } else {
    Require(row.columns().at("value") == written->second);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  Rows rows;
  Model model;
  for (; size >= 4; data += 4, size -= 4) {
    Rows::Statements one;
    auto& statement = *one.Add();
    const std::string key = KeyOf(data[1]);
    switch (data[0] % 4) {
      case 0: {
        Row& put = *statement.mutable_execute()->mutable_put();
        put.set_key(key);
        (*put.mutable_columns())["value"] = std::to_string(data[2]);
        Require(Apply(rows, one)[0].execute().rows_changed() == 1);
        model[key] = std::to_string(data[2]);
        break;
      }
      case 1: {
        statement.mutable_execute()->set_delete_(key);
        const bool was_there = !model.contains(key) || !model.at(key).empty();
        Require(Apply(rows, one)[0].execute().rows_changed() ==
                (was_there ? 1U : 0U));
        model[key] = "";
        break;
      }
      case 2: {
        statement.mutable_query()->set_key(key);
        const Rows::Results results = Apply(rows, one);
        const auto& found = results[0].query();
        const bool deleted = model.contains(key) && model.at(key).empty();
        Require(found.rows_size() == (deleted ? 0 : 1));
        if (!deleted) RequireFound(model, found.rows(0));
        break;
      }
      default: {
        QueryRequest& query = *statement.mutable_query();
        query.set_from(key);
        if (data[2] != 0) query.set_to(KeyOf(data[2]));
        query.set_limit(data[3] % 100U + 1);
        const Rows::Results results = Apply(rows, one);
        std::vector<std::string> found;
        for (const Row& row : results[0].query().rows()) {
          found.push_back(row.key());
          RequireFound(model, row);
        }
        Require(found == Expected(model, query));
      }
    }
  }
  Require(rows.written().rows == model.size());
  return 0;
}
