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
#include "server/local/keep.h"
#include "server/local/options.h"
#include "server/local/payload.h"

namespace perfrig::local {
namespace {

using drivers::LocalCall;
using drivers::LocalScope;
using drivers::LocalTrailers;

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
  return [writes](std::string_view data,
                  LocalScope&) -> absl::StatusOr<std::unique_ptr<LocalCall>> {
    ASSIGN_OR_RETURN(Options options, Options::Parse(data));
    Payload payload = ReadPayload(options);
    const Serializer serializer = ReadSerializer(options);
    RETURN_IF_ERROR(options.Finish());
    RETURN_IF_ERROR(CheckSerializer(serializer, payload));
    return std::make_unique<SerializerCall>(std::move(payload), serializer,
                                            writes);
  };
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
  return [](std::string_view data,
            LocalScope&) -> absl::StatusOr<std::unique_ptr<LocalCall>> {
    ASSIGN_OR_RETURN(Options options, Options::Parse(data));
    const Table table =
        MakeTable(options.Count("rows", {.min = 1, .max = 1'000'000}, 10'000));
    const Serializer serializer = ReadSerializer(options);
    const bool scan = options.Flag("scan", false);
    const bool mapped = options.Flag("mapped", true);
    RETURN_IF_ERROR(options.Finish());
    RETURN_IF_ERROR(CheckSerializer(serializer, table));
    std::string bytes = Serialize(serializer, table);
    ASSIGN_OR_RETURN(std::unique_ptr<TemporaryFile> file,
                     TemporaryFile::Write(bytes));
    // The order of the sums differs by serializer, the sum must not: all of
    // its parts are multiples of a quarter and far below 2^52.
    const double wanted = Sum(table, scan);
    return std::make_unique<TableCall>(std::move(bytes), serializer, scan,
                                       mapped, wanted, std::move(file));
  };
}

}  // namespace perfrig::local
