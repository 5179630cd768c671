#include "server/targets/ingest.h"

#include <iterator>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "server/targets/answer_soon.h"
#include "server/targets/fields.h"

namespace perfrig::targets {
namespace {

using target::v1::IssueTokenRequest;
using target::v1::IssueTokenResponse;
using target::v1::ObjectInfo;
using target::v1::UploadRequest;
using target::v1::UploadResponse;
using target::v1::ValidateRequest;
using target::v1::ValidateResponse;

constexpr std::size_t kLongestName = 256;
constexpr std::string_view kScheme = "Bearer ";

// Of the metadata; the view is of them.
absl::StatusOr<std::string_view> TokenOf(
    const grpc::CallbackServerContext& context) {
  const auto [first, last] =
      context.client_metadata().equal_range("authorization");
  if (first == last) {
    return absl::UnauthenticatedError(
        "authorization: must be \"Bearer TOKEN\" in the metadata, got none");
  }
  if (std::next(first) != last) {
    return absl::UnauthenticatedError(
        "authorization: must stand in the metadata once");
  }
  const std::string_view value(first->second.data(), first->second.size());
  if (!absl::StartsWithIgnoreCase(
          absl::string_view(value.data(), value.size()),
          absl::string_view(kScheme.data(), kScheme.size()))) {
    return absl::UnauthenticatedError(
        "authorization: must be \"Bearer TOKEN\", got something else");
  }
  return value.substr(kScheme.size());
}

// A real store might follow "..", and so get to what others have uploaded.
absl::Status CheckName(const std::string& name) {
  absl::Status bytes = CheckBytes("header.name", name, 1, kLongestName);
  if (!bytes.ok()) return bytes;
  for (const absl::string_view part : absl::StrSplit(name, '/')) {
    if (!part.empty() && part != "." && part != "..") continue;
    return absl::InvalidArgumentError(absl::StrCat(
        "header.name: must not have empty parts, nor . or .., between its /, "
        "got \"",
        name, "\""));
  }
  return absl::OkStatus();
}

absl::Status TooLarge(std::uint64_t most) {
  return absl::InvalidArgumentError(absl::StrCat(
      "chunk: a file must have at most ", most, " bytes (file_bytes)"));
}

}  // namespace

// It has left with what became of it; if it is given up before, as cancelled.
class IngestTarget::Passage {
 public:
  // Both outlive this.
  Passage(Stay& stay, ObjectStoreTarget& objects)
      : stay_(stay),
        part_(&stay.scope()),
        inner_(part_, objects.station()),
        put_(objects.Put(inner_)) {}
  ~Passage() {
    if (inner_.entered() && !left_) inner_.Leave(absl::StatusCode::kCancelled);
  }

  Passage(const Passage&) = delete;
  Passage& operator=(const Passage&) = delete;

  Task<absl::Status> Open(const ObjectPut::Header& header) {
    return Counted(stay_, Phase::kObjectStore, EnterAndOpen(header));
  }
  Task<absl::Status> Add(std::string_view chunk) {
    return Counted(stay_, Phase::kObjectStore, AddChunk(chunk));
  }
  Task<absl::Status> Finish(ObjectInfo& info) {
    return Counted(stay_, Phase::kObjectStore, FinishPut(info));
  }

 private:
  Task<absl::Status> EnterAndOpen(const ObjectPut::Header& header) {
    absl::Status status = co_await put_.Enter();
    if (status.ok()) status = put_.Open(header);
    co_return OrLeave(std::move(status));
  }
  Task<absl::Status> AddChunk(std::string_view chunk) {
    co_return OrLeave(co_await put_.Add(chunk));
  }
  Task<absl::Status> FinishPut(ObjectInfo& info) {
    auto finished = co_await put_.Finish();
    absl::Status status = finished.status();
    Leave(status.code());
    if (status.ok()) info = *std::move(finished);
    co_return status;
  }
  absl::Status OrLeave(absl::Status status) {
    if (!status.ok()) Leave(status.code());
    return status;
  }
  void Leave(absl::StatusCode code) {
    left_ = true;
    inner_.Leave(code);
  }

  Stay& stay_;
  Scope part_;
  Stay inner_;
  ObjectPut put_;
  bool left_ = false;
};

IngestTarget::IngestTarget(const TargetSetup& setup, ObjectStoreTarget& objects)
    : Target(Kind(), setup), objects_(objects), callers_(setup.clock) {}

TargetKind IngestTarget::Kind() {
  v1::Behavior behavior;
  v1::IngestOptions& options = *behavior.mutable_ingest();
  options.set_quota_bytes(0);
  options.set_file_bytes(100'000'000);
  options.mutable_clock_skew()->set_seconds(30);
  return {"ingest", "perfrig.target.v1.Ingest",
          "A service that takes files, into the object store, from those who "
          "show a token",
          std::move(behavior)};
}

void IngestTarget::Configure(const v1::Behavior& behavior) {
  const v1::IngestOptions& options = behavior.ingest();
  quotas_.SetQuota(options.quota_bytes());
  file_bytes_ = options.file_bytes();
  callers_.SetClockSkew(absl::Nanoseconds(ToNanos(options.clock_skew())));
}

void IngestTarget::DescribeState(google::protobuf::Struct& state) {
  const UploadQuotas::Counts counts = quotas_.counts();
  Tell(state, "uploads", static_cast<double>(counts.uploads));
  Tell(state, "bytes", static_cast<double>(counts.bytes));
  Tell(state, "subjects", static_cast<double>(counts.subjects));
  if (Levels left = quotas_.Left(); !left.empty()) {
    TellLeast(state, "bytes_left", std::move(left));
  }
  callers_.Describe(state);
}

Task<absl::StatusOr<Caller>> IngestTarget::Authorize(
    Stay& stay, const grpc::CallbackServerContext& context) {
  CO_ASSIGN_OR_RETURN(const std::string_view token, TokenOf(context));
  co_return co_await Counted(stay, Phase::kAuthorize,
                             callers_.Check(stay.scope(), token));
}

Task<absl::Status> IngestTarget::Receive(UploadCall& call,
                                         UploadResponse& response) {
  Stay& stay = call.stay();
  CO_RETURN_IF_ERROR(co_await stay.Enter({.stream = true}));
  CO_ASSIGN_OR_RETURN(const Caller caller,
                      co_await Authorize(stay, call.context()));
  CO_ASSIGN_OR_RETURN(const auto charge, quotas_.Open(caller.subject));
  Passage passage(stay, objects_);
  CO_RETURN_IF_ERROR(
      co_await TakeParts(call, caller.subject, *charge, passage));
  CO_RETURN_IF_ERROR(co_await stay.Work(nullptr));
  ObjectInfo info;
  CO_RETURN_IF_ERROR(co_await passage.Finish(info));
  charge->Keep();
  response.set_key(info.key());
  response.set_size_bytes(info.size_bytes());
  response.set_sha256(info.sha256());
  co_return absl::OkStatus();
}

Task<absl::Status> IngestTarget::TakeParts(UploadCall& call,
                                           const std::string& subject,
                                           UploadQuotas::Charge& charge,
                                           Passage& passage) {
  Stay& stay = call.stay();
  const std::uint64_t most = file_bytes_;
  const Nanos began = stay.Now();
  std::uint64_t bytes = 0;
  const UploadRequest& message = call.request();
  bool first = true;
  for (;; first = false) {
    CO_ASSIGN_OR_RETURN(const bool more, co_await call.Read());
    if (!more) break;
    CO_RETURN_IF_ERROR(CheckPart(first, message));
    if (first) {
      CO_RETURN_IF_ERROR(CheckName(message.header().name()));
      ObjectPut::Header header;
      header.set_key(
          absl::StrCat("uploads/", subject, "/", message.header().name()));
      header.set_sha256(message.header().sha256());
      CO_RETURN_IF_ERROR(co_await passage.Open(header));
    } else {
      bytes += message.chunk().size();
      if (bytes > most) co_return TooLarge(most);
      CO_RETURN_IF_ERROR(charge.Take(message.chunk().size()));
      CO_RETURN_IF_ERROR(co_await stay.WaitUntil(
          began + Station::TransferTime(stay, static_cast<double>(bytes)),
          Phase::kTransfer));
      CO_RETURN_IF_ERROR(co_await passage.Add(message.chunk()));
    }
    if (stay.TakesDrop()) co_return Dropped();
  }
  CO_RETURN_IF_ERROR(call.ReadAll());
  co_return first ? NoHeader() : absl::OkStatus();
}

Task<absl::Status> IngestTarget::Read(
    Stay& stay, const grpc::CallbackServerContext& context,
    ValidateResponse& response) {
  CO_RETURN_IF_ERROR(co_await stay.Enter({.work_times = 1}));
  CO_ASSIGN_OR_RETURN(const Caller caller, co_await Authorize(stay, context));
  response.set_subject(caller.subject);
  *response.mutable_expire_time() = caller.expire_time;
  co_return absl::OkStatus();
}

grpc::ServerReadReactor<UploadRequest>* IngestTarget::Upload(
    grpc::CallbackServerContext* context, UploadResponse* response) {
  return ServeStream<UploadCall>(*this, context, [=, this](UploadCall& call) {
    return Receive(call, *response);
  });
}

grpc::ServerUnaryReactor* IngestTarget::Validate(
    grpc::CallbackServerContext* context, const ValidateRequest* /*request*/,
    ValidateResponse* response) {
  return ServeUnary(*this, context, *response, [=, this](Stay& stay) {
    return Read(stay, *context, *response);
  });
}

grpc::ServerUnaryReactor* IngestTarget::IssueToken(
    grpc::CallbackServerContext* /*context*/, const IssueTokenRequest* request,
    IssueTokenResponse* response) {
  return AnswerSoon([=, this](Scope& scope) {
    return callers_.Issue(scope, *request, *response);
  });
}

}  // namespace perfrig::targets
