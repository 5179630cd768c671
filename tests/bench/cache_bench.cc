// The cache library's operations beside a bare absl::flat_hash_map and the
// budgets of docs/benchmarks.md. Time is that of one operation; where `p95_ns`
// is shown, of operations timed one by one, two readings of the clock included.
#include <benchmark/benchmark.h>
#include <unistd.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <numeric>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "common/stats/histogram.h"
#include "common/time/clock.h"
#include "common/time/delay_queue.h"
#include "google/protobuf/arena.h"
#include "google/protobuf/struct.pb.h"
#include "server/cache/cache.h"
#include "server/cache/columns.h"
#include "server/cache/flexbuffers.h"
#include "server/cache/mapped_file.h"
#include "server/cache/messagepack.h"

namespace perfrig::cache {
namespace {

using google::protobuf::Struct;

constexpr std::size_t kKeys = 4'096;
constexpr std::size_t kValueBytes = 10'000;
constexpr std::size_t kRows = 10'000;

std::vector<std::string> Keys(std::string_view prefix) {
  std::vector<std::string> keys;
  for (std::size_t i = 0; i < kKeys; ++i) {
    keys.push_back(absl::StrCat(std::string(prefix), "/user/", i * 7'919));
  }
  return keys;
}

// Runs `operation` with each key in turn, in an order without a pattern.
void Time(benchmark::State& state, const std::vector<std::string>& keys,
          const std::function<void(const std::string&)>& operation) {
  const SystemClock clock;
  Histogram times;
  std::size_t i = 0;
  while (state.KeepRunning()) {
    const std::string& key = keys[(i += 2'654'435'761) % kKeys];
    const Nanos began = clock.Now();
    operation(key);
    times.Record(clock.Now() - began);
  }
  state.counters["p95_ns"] = static_cast<double>(times.Quantile(0.95));
}

LruOptions Roomy() { return {.max_bytes = std::size_t{256} << 20}; }

void LruHit(benchmark::State& state) {
  const SystemClock clock;
  Lru lru(clock, Roomy());
  const std::vector<std::string> keys = Keys("a");
  const Value value = MakeValue(std::string(kValueBytes, 'v'));
  for (const std::string& key : keys) lru.Put(key, value, 3'600 * kSecond);
  Time(state, keys,
       [&](const std::string& key) { benchmark::DoNotOptimize(lru.Get(key)); });
}
BENCHMARK(LruHit);

void LruMiss(benchmark::State& state) {
  const SystemClock clock;
  Lru lru(clock, Roomy());
  const Value value = MakeValue(std::string(kValueBytes, 'v'));
  for (const std::string& key : Keys("a")) lru.Put(key, value);
  Time(state, Keys("b"),
       [&](const std::string& key) { benchmark::DoNotOptimize(lru.Get(key)); });
}
BENCHMARK(LruMiss);

// Half of the keys fit: puts evict.
void LruPut(benchmark::State& state) {
  const SystemClock clock;
  Lru lru(clock, {.max_bytes = kKeys / 2 * kValueBytes});
  const Value value = MakeValue(std::string(kValueBytes, 'v'));
  Time(state, Keys("a"),
       [&](const std::string& key) { lru.Put(key, value, 3'600 * kSecond); });
}
BENCHMARK(LruPut);

void MapHit(benchmark::State& state) {
  absl::flat_hash_map<std::string, Value> map;
  const std::vector<std::string> keys = Keys("a");
  const Value value = MakeValue(std::string(kValueBytes, 'v'));
  for (const std::string& key : keys) map[key] = value;
  Time(state, keys, [&](const std::string& key) {
    benchmark::DoNotOptimize(map.find(key)->second.get());
  });
}
BENCHMARK(MapHit);

void MapMiss(benchmark::State& state) {
  absl::flat_hash_map<std::string, Value> map;
  const Value value = MakeValue(std::string(kValueBytes, 'v'));
  for (const std::string& key : Keys("a")) map[key] = value;
  Time(state, Keys("b"), [&](const std::string& key) {
    benchmark::DoNotOptimize(map.find(key));
  });
}
BENCHMARK(MapMiss);

void MapPut(benchmark::State& state) {
  absl::flat_hash_map<std::string, Value> map;
  const Value value = MakeValue(std::string(kValueBytes, 'v'));
  Time(state, Keys("a"),
       [&](const std::string& key) { map.insert_or_assign(key, value); });
}
BENCHMARK(MapPut);

// The whole wrapper over a first tier that has it, or has to have it made.
void GetOrCompute(benchmark::State& state, bool hit) {
  const SystemClock clock;
  SystemDelayQueue delays(clock);
  const auto cache = Cache::Create({.first_tier = Roomy()},
                                   {.clock = clock, .delays = delays});
  const Value value = MakeValue(std::string(kValueBytes, 'v'));
  const auto get = [&](const std::string& key) {
    cache->GetOrCompute(
        key, kNever,
        [&](const PendingPtr<absl::StatusOr<Value>>& computed) {
          computed->Answer(value);
        },
        MakePending<absl::StatusOr<Found>>([](const absl::StatusOr<Found>& f) {
          benchmark::DoNotOptimize(f->value.get());
        }));
  };
  const std::vector<std::string> keys = Keys("a");
  if (hit) {
    for (const std::string& key : keys) get(key);
    return Time(state, keys, get);
  }
  // A key that has never been there, each time.
  std::uint64_t number = 0;
  std::string fresh;
  Time(state, keys, [&](const std::string&) {
    fresh = absl::StrCat("fresh/user/", ++number);
    get(fresh);
  });
}
BENCHMARK_CAPTURE(GetOrCompute, hit, true);
BENCHMARK_CAPTURE(GetOrCompute, miss, false);

std::vector<Row> Rows() {
  std::vector<Row> rows(kRows);
  for (std::size_t i = 0; i < kRows; ++i) {
    rows[i] = {.id = static_cast<std::int64_t>(i),
               .name = absl::StrCat("customer number ", i),
               .amount = static_cast<double>(i) * 1.25,
               .quantity = static_cast<std::int32_t>(i % 100),
               .active = i % 3 == 0};
  }
  return rows;
}

// From bytes to the sum of one column of 10,000 rows.
void SumMessagePack(benchmark::State& state) {
  const std::string bytes = ToMessagePack(Rows());
  while (state.KeepRunning()) {
    const auto rows = RowsFromMessagePack(bytes);
    double sum = 0;
    for (const Row& row : *rows) sum += row.amount;
    benchmark::DoNotOptimize(sum);
  }
  state.counters["bytes"] = static_cast<double>(bytes.size());
}
BENCHMARK(SumMessagePack);

void SumColumns(benchmark::State& state) {
  const std::string path = std::filesystem::temp_directory_path() /
                           absl::StrCat("perfrig-columns-", getpid());
  std::ofstream(path) << ToColumns(Rows());
  const std::size_t size = std::filesystem::file_size(path);
  while (state.KeepRunning()) {
    const auto file = MappedFile::Open(path);
    const auto columns = Columns::Open(file->bytes());
    const auto amounts = columns->amounts();
    benchmark::DoNotOptimize(
        std::accumulate(amounts.begin(), amounts.end(), 0.0));
  }
  std::filesystem::remove(path);
  state.counters["bytes"] = static_cast<double>(size);
}
BENCHMARK(SumColumns);

// About 10 KB: orders with lines, as services keep them.
Struct Document() {
  Struct document;
  auto& orders = *(*document.mutable_fields())["orders"].mutable_list_value();
  for (int i = 0; i < 40; ++i) {
    auto& order =
        *orders.add_values()->mutable_struct_value()->mutable_fields();
    order["id"].set_number_value(i * 1'000);
    order["title"].set_string_value(std::string(100, 't'));
    auto& lines = *order["lines"].mutable_list_value();
    for (int j = 0; j < 3; ++j) {
      auto& line =
          *lines.add_values()->mutable_struct_value()->mutable_fields();
      line["article"].set_string_value("an article of some length");
      line["price"].set_number_value(j * 1.1);
    }
  }
  return document;
}

// Writing and reading it.
void DocumentMessagePack(benchmark::State& state) {
  const Struct document = Document();
  while (state.KeepRunning()) {
    google::protobuf::Arena arena;
    auto& read = *google::protobuf::Arena::CreateMessage<Struct>(&arena);
    benchmark::DoNotOptimize(ReadMessagePack(ToMessagePack(document), read));
  }
  state.counters["bytes"] = static_cast<double>(ToMessagePack(document).size());
}
BENCHMARK(DocumentMessagePack);

void DocumentFlexBuffers(benchmark::State& state) {
  const Struct document = Document();
  while (state.KeepRunning()) {
    google::protobuf::Arena arena;
    auto& read = *google::protobuf::Arena::CreateMessage<Struct>(&arena);
    benchmark::DoNotOptimize(ReadFlexBuffer(ToFlexBuffer(document), read));
  }
  state.counters["bytes"] = static_cast<double>(ToFlexBuffer(document).size());
}
BENCHMARK(DocumentFlexBuffers);

void SealAndOpen(benchmark::State& state) {
  const auto keyring =
      *Keyring::Create({.id = 1, .secret = std::string(32, 'k')});
  const std::string value(kValueBytes, 'v');
  while (state.KeepRunning()) {
    benchmark::DoNotOptimize(keyring->Open(keyring->Seal(value, "a"), "a"));
  }
}
BENCHMARK(SealAndOpen);

}  // namespace
}  // namespace perfrig::cache
