#include "server/backends/postgres_connection.h"

#include <poll.h>

#include <string_view>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace perfrig::backends {
namespace {

constexpr Oid kBytea = 17;
constexpr int kBinary = 1;

bool SendCommand(PGconn* connection, const PostgresCommand& command) {
  const std::size_t count = command.values.size();
  std::vector<const char*> values;
  std::vector<int> lengths;
  for (const std::string& value : command.values) {
    values.push_back(value.data());
    lengths.push_back(static_cast<int>(value.size()));
  }
  const std::vector<Oid> types(count, kBytea);
  const std::vector<int> formats(count, kBinary);
  return PQsendQueryParams(connection, command.sql.c_str(),
                           static_cast<int>(count), types.data(), values.data(),
                           lengths.data(), formats.data(), kBinary) == 1;
}

}  // namespace

absl::Status PostgresConnection::Connect(const PostgresParameters& parameters) {
  std::vector<const char*> keywords;
  std::vector<const char*> values;
  for (const auto& [keyword, value] : parameters) {
    keywords.push_back(keyword.c_str());
    values.push_back(value.c_str());
  }
  keywords.push_back(nullptr);
  values.push_back(nullptr);
  connection_.reset(PQconnectStartParams(keywords.data(), values.data(), 0));
  if (connection_ == nullptr || PQstatus(connection_.get()) == CONNECTION_BAD) {
    return Lost();
  }
  // What the server only remarks is not for our standard error.
  PQsetNoticeReceiver(
      connection_.get(), [](void*, const PGresult*) {}, nullptr);
  state_ = State::kConnecting;
  events_ = POLLOUT;
  return absl::OkStatus();
}

void PostgresConnection::Close() {
  state_ = State::kClosed;
  connection_.reset();
  results_.clear();
  failed_ = false;
  ended_ = false;
}

absl::Status PostgresConnection::Lost() {
  absl::string_view why =
      connection_ == nullptr ? "no memory" : PQerrorMessage(connection_.get());
  why = absl::StripAsciiWhitespace(why);
  absl::Status lost = absl::UnavailableError(
      absl::StrCat("postgres: ", why.empty() ? "connection lost" : why));
  Close();
  return lost;
}

absl::Status PostgresConnection::AdvanceConnecting() {
  switch (PQconnectPoll(connection_.get())) {
    case PGRES_POLLING_READING:
      events_ = POLLIN;
      return absl::OkStatus();
    case PGRES_POLLING_WRITING:
      events_ = POLLOUT;
      return absl::OkStatus();
    case PGRES_POLLING_OK:
      break;
    default:
      return Lost();
  }
  if (PQsetnonblocking(connection_.get(), 1) != 0 ||
      PQenterPipelineMode(connection_.get()) != 1) {
    return Lost();
  }
  state_ = State::kIdle;
  events_ = POLLIN;
  return absl::OkStatus();
}

absl::Status PostgresConnection::Send(
    const std::vector<PostgresCommand>& commands) {
  for (const PostgresCommand& command : commands) {
    if (!SendCommand(connection_.get(), command)) return Lost();
  }
  if (PQpipelineSync(connection_.get()) != 1 || !Flush()) return Lost();
  state_ = State::kBusy;
  return absl::OkStatus();
}

bool PostgresConnection::Flush() {
  const int left = PQflush(connection_.get());
  events_ = left == 1 ? POLLIN | POLLOUT : POLLIN;
  return left >= 0;
}

absl::Status PostgresConnection::Advance() {
  if (state_ == State::kConnecting) return AdvanceConnecting();
  if (PQconsumeInput(connection_.get()) != 1 || !Flush()) return Lost();
  if (state_ == State::kBusy) ReadResults();
  if (PQstatus(connection_.get()) == CONNECTION_BAD) return Lost();
  return absl::OkStatus();
}

void PostgresConnection::ReadResults() {
  // Each command ends with a null; a second one in a row is the end of all,
  // which comes before the sync only where the connection is lost.
  bool null = false;
  while (!ended_ && PQisBusy(connection_.get()) == 0) {
    PostgresResult result(PQgetResult(connection_.get()));
    if (result == nullptr) {
      if (std::exchange(null, true)) return;
      continue;
    }
    null = false;
    switch (PQresultStatus(result.get())) {
      case PGRES_PIPELINE_SYNC:
        ended_ = true;
        break;
      case PGRES_PIPELINE_ABORTED:
        break;
      case PGRES_COMMAND_OK:
      case PGRES_TUPLES_OK:
        if (!failed_) results_.push_back(std::move(result));
        break;
      default:
        if (!std::exchange(failed_, true)) {
          results_.push_back(std::move(result));
        }
    }
  }
}

std::optional<std::vector<PostgresResult>> PostgresConnection::TakeResults() {
  if (!ended_) return std::nullopt;
  ended_ = false;
  failed_ = false;
  state_ = State::kIdle;
  return std::exchange(results_, {});
}

}  // namespace perfrig::backends
