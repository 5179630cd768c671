#include "server/targets/gateway_session.h"

#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "server/targets/behavior/delay_sampler.h"

namespace perfrig::targets {

void Sessions::Configure(const v1::GatewayOptions& options) {
  limit_ = options.sessions();
  idle_timeout_ = ToNanos(options.idle_timeout());
  heartbeat_ = ToNanos(options.heartbeat());
}

void Sessions::Clear() {
  ++epoch_;
  opened_ = 0;
  messages_ = 0;
  for (auto& count : closed_) count = 0;
}

void Sessions::Describe(google::protobuf::Struct& state) const {
  const auto set = [&state](const std::string& name, std::uint64_t value) {
    (*state.mutable_fields())[name].set_number_value(
        static_cast<double>(value));
  };
  set("sessions", open_);
  set("sessions_limit", limit_);
  set("opened", opened_);
  set("messages", messages_);
  for (int reason = Closed::DONE; reason < Closed::Reason_ARRAYSIZE; ++reason) {
    const std::string& name =
        Closed::Reason_Name(static_cast<Closed::Reason>(reason));
    set("closed_" + absl::AsciiStrToLower(name),
        closed_.at(static_cast<std::size_t>(reason)));
  }
}

absl::StatusOr<std::unique_ptr<OpenSession>> Sessions::Open(Nanos now) {
  const std::uint32_t limit = limit_;
  if (open_.fetch_add(1) >= limit) {
    --open_;
    return absl::ResourceExhaustedError(
        absl::StrCat("sessions: at most ", limit, " may be open"));
  }
  return std::make_unique<OpenSession>(*this, ++opened_, now);
}

OpenSession::OpenSession(Sessions& sessions, std::uint64_t number, Nanos now)
    : sessions_(sessions),
      epoch_(sessions.epoch_),
      number_(number),
      idle_timeout_(sessions.idle_timeout_),
      heartbeat_(sessions.heartbeat_),
      heard_(now),
      quiet_since_(now) {}

OpenSession::~OpenSession() {
  --sessions_.open_;
  if (epoch_ != sessions_.epoch_) return;
  ++sessions_.closed_.at(static_cast<std::size_t>(reason_));
}

void OpenSession::Heard(Nanos now) {
  heard_ = now;
  quiet_since_ = now;
}

std::uint64_t OpenSession::CountMessage() {
  ++sessions_.messages_;
  return ++messages_;
}

void OpenSession::End(const absl::Status& status) {
  if (reason_ != Closed::REASON_UNSPECIFIED) return;
  reason_ = status.code() == absl::StatusCode::kCancelled ? Closed::GONE
                                                          : Closed::FAILED;
}

Nanos OpenSession::BeatAt() const {
  return heartbeat_ == 0 ? kNever : quiet_since_ + heartbeat_;
}

}  // namespace perfrig::targets
