#include "server/local/serializer_calls.h"

#include <stdlib.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <memory>
#include <numeric>
#include <span>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/macros.h"
#include "server/cache/columns.h"
#include "server/cache/mapped_file.h"
#include "server/cache/messagepack.h"
#include "server/local/function_with_options.h"
#include "server/local/keep.h"
#include "server/local/options.h"
#include "server/local/payload.h"

namespace perfrig::local {
namespace {

using drivers::LocalCall;
using drivers::LocalScope;
using drivers::LocalTrailers;

struct SerializerSettings {
  PayloadSettings payload;
  Serializer serializer = Serializer::kMessagePack;
};

SerializerSettings ReadSerializerCall(Options& options) {
  SerializerSettings settings;
  settings.payload = ReadPayload(options);
  settings.serializer =
      ReadSerializer(options, settings.payload.kind == PayloadKind::kTable);
  return settings;
}

class SerializerCall final : public LocalCall {
 public:
  SerializerCall(Payload payload, Serializer serializer, bool writes)
      : payload_(std::move(payload)),
        serializer_(serializer),
        writes_(writes),
        table_(std::holds_alternative<Table>(payload_)),
        bytes_(Serialize(serializer_, payload_)) {}

  absl::Status Run() override {
    if (writes_) {
      Keep(Serialize(serializer_, payload_));
      return absl::OkStatus();
    }
    const auto read = Deserialize(serializer_, table_, bytes_);
    Keep(read);
    return read.status();
  }

  void Tell(Nanos /*took*/, LocalTrailers& trailers) override {
    trailers.Add("bytes", static_cast<double>(bytes_.size()));
  }

 private:
  const Payload payload_;
  const Serializer serializer_;
  const bool writes_;
  const bool table_;
  const std::string bytes_;
};

drivers::LocalFunction MakeSerializerCall(bool writes) {
  return FunctionWithOptions<SerializerSettings>(
      ReadSerializerCall,
      [writes](const SerializerSettings& settings, std::string_view,
               LocalScope&) -> MadeCall {
        return std::make_unique<SerializerCall>(MakePayload(settings.payload),
                                                settings.serializer, writes);
      });
}

// Gone when this is.
class TemporaryFile {
 public:
  static absl::StatusOr<std::unique_ptr<TemporaryFile>> Write(
      std::string_view bytes) {
    const char* const folder = std::getenv("TMPDIR");
    std::string path =
        absl::StrCat(folder == nullptr ? "/tmp" : folder, "/perfrig-XXXXXX");
    const int file = mkstemp(path.data());
    if (file < 0) return Failed("create", path);
    std::unique_ptr<TemporaryFile> made(new TemporaryFile(path));
    absl::Status status;
    while (!bytes.empty() && status.ok()) {
      const ssize_t written = write(file, bytes.data(), bytes.size());
      if (written < 0) {
        status = Failed("write", path);
      } else {
        bytes.remove_prefix(static_cast<std::size_t>(written));
      }
    }
    close(file);
    RETURN_IF_ERROR(status);
    return made;
  }
  ~TemporaryFile() { unlink(path_.c_str()); }

  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;

  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  explicit TemporaryFile(std::string path) : path_(std::move(path)) {}

  static absl::Status Failed(const char* what, const std::string& path) {
    return absl::InternalError(
        absl::StrCat("cannot ", what, " ", path, ": ", std::strerror(errno)));
  }

  const std::string path_;
};

// In several parts, as libraries for columns do: one addition need not wait for
// the one before.
double Sum(std::span<const double> column) {
  std::array<double, 8> parts = {};
  std::size_t at = 0;
  for (; at + parts.size() <= column.size(); at += parts.size()) {
    for (std::size_t i = 0; i < parts.size(); ++i) parts[i] += column[at + i];
  }
  double sum = std::accumulate(parts.begin(), parts.end(), 0.0);
  for (; at < column.size(); ++at) sum += column[at];
  return sum;
}

double Sum(const cache::Columns& columns, bool scan) {
  double sum = Sum(columns.amounts());
  if (!scan) return sum;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    sum += static_cast<double>(columns.ids()[i]) + columns.quantities()[i] +
           static_cast<double>(columns.name(i).size()) +
           (columns.active(i) ? 1 : 0);
  }
  return sum;
}

double Sum(std::span<const cache::Row> rows, bool scan) {
  double sum = 0;
  for (const cache::Row& row : rows) {
    sum += row.amount;
    if (!scan) continue;
    sum += static_cast<double>(row.id) + row.quantity +
           static_cast<double>(row.name.size()) + (row.active ? 1 : 0);
  }
  return sum;
}

struct TableSettings {
  std::size_t rows = 0;
  Serializer serializer = Serializer::kMessagePack;
  bool scan = false;
  bool mapped = true;
};

TableSettings ReadTable(Options& options) {
  TableSettings settings;
  settings.rows = options.Count("rows", {.min = 1, .max = 1'000'000}, 10'000);
  settings.serializer = ReadSerializer(options, /*table=*/true);
  settings.scan = options.Flag("scan", false);
  settings.mapped = options.Flag("mapped", true);
  return settings;
}

class TableCall final : public LocalCall {
 public:
  TableCall(std::string bytes, Serializer serializer, bool scan, bool mapped,
            double wanted, std::unique_ptr<TemporaryFile> file)
      : bytes_(std::move(bytes)),
        serializer_(serializer),
        scan_(scan),
        mapped_(mapped),
        wanted_(wanted),
        file_(std::move(file)) {}

  absl::Status Run() override {
    if (!mapped_) return Read(bytes_);
    ASSIGN_OR_RETURN(const cache::MappedFile file,
                     cache::MappedFile::Open(file_->path()));
    return Read(file.bytes());
  }

  void Tell(Nanos /*took*/, LocalTrailers& trailers) override {
    trailers.Add("bytes", static_cast<double>(bytes_.size()));
  }

 private:
  absl::Status Read(std::string_view bytes) {
    double sum = 0;
    if (serializer_ == Serializer::kColumns) {
      ASSIGN_OR_RETURN(const auto columns, cache::Columns::Open(bytes));
      sum = Sum(columns, scan_);
    } else {
      ASSIGN_OR_RETURN(const auto rows, cache::RowsFromMessagePack(bytes));
      sum = Sum(rows, scan_);
    }
    if (sum == wanted_) return absl::OkStatus();
    return absl::DataLossError(
        absl::StrCat("the table adds up to ", sum, " instead of ", wanted_));
  }

  const std::string bytes_;
  const Serializer serializer_;
  const bool scan_;
  const bool mapped_;
  const double wanted_;
  const std::unique_ptr<TemporaryFile> file_;
};

}  // namespace

drivers::LocalFunction SerializeCall() { return MakeSerializerCall(true); }

drivers::LocalFunction DeserializeCall() { return MakeSerializerCall(false); }

drivers::LocalFunction TableRead() {
  return FunctionWithOptions<TableSettings>(
      ReadTable,
      [](const TableSettings& settings, std::string_view,
         LocalScope&) -> MadeCall {
        const Table table = MakeTable(settings.rows);
        std::string bytes = Serialize(settings.serializer, table);
        ASSIGN_OR_RETURN(std::unique_ptr<TemporaryFile> file,
                         TemporaryFile::Write(bytes));
        // The order of the sums differs by serializer, the sum must not: all
        // of its parts are multiples of a quarter and far below 2^52.
        const double wanted = Sum(table, settings.scan);
        return std::make_unique<TableCall>(
            std::move(bytes), settings.serializer, settings.scan,
            settings.mapped, wanted, std::move(file));
      });
}

}  // namespace perfrig::local
