#include "server/targets/callers.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "google/protobuf/util/time_util.h"
#include "server/targets/fields.h"

namespace perfrig::targets {
namespace {

using google::protobuf::util::TimeUtil;
using target::v1::IssueTokenRequest;
using target::v1::IssueTokenResponse;

constexpr char kKid[] = "perfrig";
constexpr char kAudience[] = "perfrig";
constexpr std::size_t kLongestSubject = 256;
constexpr std::size_t kLongestAudience = 256;
constexpr absl::Duration kDefaultTtl = absl::Hours(1);
constexpr absl::Duration kMostTime = absl::Hours(24);

// What stands in the keys of objects as one part of a path.
absl::Status CheckSubject(const std::string& subject) {
  absl::Status bytes = CheckBytes("subject", subject, 1, kLongestSubject);
  if (!bytes.ok()) return bytes;
  if (subject.find('/') == std::string::npos && subject != "." &&
      subject != "..") {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(absl::StrCat(
      "subject: must not have a / nor be . or .., got \"", subject, "\""));
}

absl::Duration DurationOf(const google::protobuf::Duration& time) {
  return absl::Seconds(time.seconds()) + absl::Nanoseconds(time.nanos());
}

absl::Status CheckFromNow(const char* field,
                          const google::protobuf::Duration& time) {
  if (absl::AbsDuration(DurationOf(time)) <= kMostTime) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat(field, ": must be -24h to 24h, got ", time.seconds(), "s"));
}

absl::Status Check(const IssueTokenRequest& request) {
  for (absl::Status checked :
       {request.subject().empty() ? absl::OkStatus()
                                  : CheckSubject(request.subject()),
        CheckBytes("audience", request.audience(), 0, kLongestAudience),
        CheckFromNow("ttl", request.ttl()),
        CheckFromNow("not_before", request.not_before())}) {
    if (!checked.ok()) return checked;
  }
  return absl::OkStatus();
}

// To the millisecond, which a double holds.
double SecondsOf(absl::Time time) {
  return static_cast<double>(absl::ToUnixMillis(time)) / 1e3;
}

google::protobuf::Timestamp TimestampOf(double seconds) {
  return TimeUtil::MillisecondsToTimestamp(
      absl::ToUnixMillis(absl::UnixEpoch() + absl::Seconds(seconds)));
}

tokens::Claims ClaimsOf(const IssueTokenRequest& request, absl::Time now) {
  const auto time_of = [now](const google::protobuf::Duration& from_now) {
    return SecondsOf(
        now + absl::Nanoseconds(TimeUtil::DurationToNanoseconds(from_now)));
  };
  const auto or_else = [](const std::string& text, const char* otherwise) {
    return text.empty() ? std::string(otherwise) : text;
  };
  return {{"sub", or_else(request.subject(), "user")},
          {"aud", or_else(request.audience(), kAudience)},
          {"iat", SecondsOf(now)},
          {"nbf", time_of(request.not_before())},
          {"exp", request.has_ttl() ? time_of(request.ttl())
                                    : SecondsOf(now + kDefaultTtl)}};
}

// Of a token that was checked.
absl::StatusOr<Caller> CallerOf(const tokens::Claims& claims) {
  const std::string* const subject = tokens::TextOf(claims, "sub");
  if (subject == nullptr) {
    return absl::UnauthenticatedError("token: sub: must be there");
  }
  if (absl::Status checked = CheckSubject(*subject); !checked.ok()) {
    return absl::UnauthenticatedError(
        absl::StrCat("token: sub: ", checked.message()));
  }
  return Caller{*subject, TimestampOf(*tokens::NumberOf(claims, "exp"))};
}

}  // namespace

Callers::Callers(const Clock& clock) : clock_(clock), signer_(kKid) {}

void Callers::SetClockSkew(absl::Duration skew) {
  MutexLock lock(mutex_);
  if (skew_ != skew) verifier_ = nullptr;
  skew_ = skew;
}

std::shared_ptr<const tokens::TokenVerifier> Callers::Verifier() {
  MutexLock lock(mutex_);
  if (verifier_ == nullptr) {
    const tokens::TokenSigner& signer = *signer_.get();
    // A key that was just made can be used.
    verifier_ = std::make_shared<const tokens::TokenVerifier>(
        *tokens::TokenVerifier::Create(
            {.audience = kAudience,
             .clock_skew = skew_,
             .keys = {{signer.kid(), signer.PublicKey()}}},
            clock_));
  }
  return verifier_;
}

Task<absl::StatusOr<Caller>> Callers::Check(Scope& scope,
                                            std::string_view token) {
  if (signer_.get() == nullptr) {
    Answers::Ask<bool> ask = [this](auto callback) {
      const absl::Status posted = signer_.Post(
          [callback](const tokens::TokenSigner&) { callback(true); });
      if (!posted.ok()) callback(posted);
      return Answers::Withdraw();
    };
    const auto made = co_await answers_.Await(scope, std::move(ask));
    CO_RETURN_IF_ERROR(made.status());
  }
  CO_ASSIGN_OR_RETURN(const tokens::Claims claims, Verifier()->Verify(token));
  co_return CallerOf(claims);
}

Task<absl::Status> Callers::Issue(Scope& scope,
                                  const IssueTokenRequest& request,
                                  IssueTokenResponse& response) {
  CO_RETURN_IF_ERROR(targets::Check(request));
  const tokens::Claims claims = ClaimsOf(request, clock_.WallTime());
  Answers::Ask<std::string> ask = [this, claims](auto callback) {
    const absl::Status posted =
        signer_.Post([callback, claims](const tokens::TokenSigner& signer) {
          callback(signer.Sign(claims));
        });
    if (!posted.ok()) callback(posted);
    return Answers::Withdraw();
  };
  CO_ASSIGN_OR_RETURN(std::string token,
                      co_await answers_.Await(scope, std::move(ask)));
  response.set_token(std::move(token));
  *response.mutable_expire_time() =
      TimestampOf(*tokens::NumberOf(claims, "exp"));
  co_return absl::OkStatus();
}

void Callers::Describe(google::protobuf::Struct& state) const {
  const tokens::TokenSigner* const signer = signer_.get();
  if (signer == nullptr) return;
  auto& fields = *state.mutable_fields();
  fields["kid"].set_string_value(signer->kid());
  fields["public_key"].set_string_value(signer->PublicKey());
}

}  // namespace perfrig::targets
