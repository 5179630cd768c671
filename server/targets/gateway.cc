#include "server/targets/gateway.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/status/code_names.h"
#include "common/strings/glob.h"
#include "server/targets/fields.h"

namespace perfrig::targets {
namespace {

using target::v1::ChatRequest;
using target::v1::ChatResponse;
using target::v1::QueryRequest;
using target::v1::QueryResponse;
using target::v1::SendMessageRequest;
using target::v1::SendMessageResponse;
using target::v1::SessionResponse;
using Outcome = TimedTransmission::Outcome;

constexpr std::size_t kLongestTenant = 128;
constexpr std::size_t kLongestUser = 256;
constexpr std::size_t kLongestId = 64;
constexpr std::size_t kLongestText = 32'768;

absl::Status Check(const SendMessageRequest& request) {
  for (absl::Status checked :
       {CheckBytes("tenant", request.tenant(), 1, kLongestTenant),
        CheckBytes("user", request.user(), 1, kLongestUser),
        CheckBytes("id", request.id(), 0, kLongestId),
        CheckBytes("text", request.text(), 1, kLongestText)}) {
    if (!checked.ok()) return checked;
  }
  return absl::OkStatus();
}

// What the model is asked: the text with its white space in order.
absl::StatusOr<std::string> Parse(const SendMessageRequest& request) {
  absl::Status checked = Check(request);
  if (!checked.ok()) return checked;
  std::string prompt = request.text();
  absl::RemoveExtraAsciiWhitespace(&prompt);
  if (prompt.empty()) {
    return absl::InvalidArgumentError("text: must not be all white space");
  }
  return prompt;
}

std::string UserOf(const SendMessageRequest& request) {
  return absl::StrCat(request.tenant(), "/", request.user());
}

absl::Status Denied(const std::string& user) {
  return absl::PermissionDeniedError(
      absl::StrCat("user: \"", user, "\" may not send messages"));
}

}  // namespace

GatewayTarget::GatewayTarget(const TargetSetup& setup, DatabaseTarget& database,
                             OrchestratorTarget& model)
    : Target(Kind(), setup), database_(database), model_(model) {}

TargetKind GatewayTarget::Kind() {
  v1::Behavior behavior;
  v1::GatewayOptions& options = *behavior.mutable_gateway();
  options.set_sessions(20'000);
  options.mutable_idle_timeout()->set_seconds(300);
  options.mutable_heartbeat()->set_seconds(30);
  options.set_denied_users("");
  return {"gateway", "perfrig.target.v1.Gateway",
          "The front of a chat service: sessions and messages, over database "
          "and model",
          std::move(behavior)};
}

void GatewayTarget::Configure(const v1::Behavior& behavior) {
  sessions_.Configure(behavior.gateway());
  MutexLock lock(mutex_);
  denied_users_ = behavior.gateway().denied_users();
}

void GatewayTarget::ClearState() { sessions_.Clear(); }

void GatewayTarget::DescribeState(google::protobuf::Struct& state) {
  sessions_.Describe(state);
}

void GatewayTarget::DescribeOwn(Since /*since*/,
                                v1::TargetStatistics& statistics) {
  statistics.set_sessions_open(sessions_.open());
}

Task<absl::Status> GatewayTarget::Answer(Stay& stay,
                                         const SendMessageRequest& request,
                                         SendMessageResponse& response) {
  CO_ASSIGN_OR_RETURN(const std::string prompt, Timed(stay, Phase::kParse, [&] {
                        return Parse(request);
                      }));
  CO_RETURN_IF_ERROR(co_await stay.Enter(
      {.work_times = 1, .transfer_bytes = BytesOf(request)}));
  co_return co_await Reply(stay, request, prompt, response);
}

Task<absl::Status> GatewayTarget::Reply(Stay& stay,
                                        const SendMessageRequest& request,
                                        const std::string& prompt,
                                        SendMessageResponse& response) {
  const std::string user = UserOf(request);
  CO_RETURN_IF_ERROR(
      Timed(stay, Phase::kAuthorize, [&] { return Authorize(user); }));
  CO_RETURN_IF_ERROR(co_await LookUp(stay, user));
  response.set_id(request.id());
  co_return co_await Ask(stay, request.tenant(), prompt, response);
}

absl::Status GatewayTarget::Authorize(const std::string& user) {
  MutexLock lock(mutex_);
  if (denied_users_.empty() || !MatchesGlob(denied_users_, user)) {
    return absl::OkStatus();
  }
  return Denied(user);
}

Task<absl::Status> GatewayTarget::LookUp(Stay& stay, const std::string& user) {
  QueryRequest query;
  query.set_table("users");
  query.set_key(user);
  QueryResponse rows;
  CO_RETURN_IF_ERROR(co_await database_.Ask(stay, query, rows));
  co_return rows.rows().empty() ? Denied(user) : absl::OkStatus();
}

Task<absl::Status> GatewayTarget::Ask(Stay& stay, const std::string& tenant,
                                      const std::string& prompt,
                                      SendMessageResponse& response) {
  ChatRequest question;
  question.set_tenant(tenant);
  target::v1::ChatMessage& message = *question.add_messages();
  message.set_role(target::v1::ChatMessage::USER);
  message.set_text(prompt);
  ChatResponse answer;
  CO_RETURN_IF_ERROR(co_await Through(
      stay, model_.station(), Phase::kChat,
      [&](Stay& inner) { return model_.Answer(inner, question, answer); }));
  response.set_text(std::move(*answer.mutable_text()));
  response.set_prompt_tokens(answer.usage().prompt_tokens());
  response.set_completion_tokens(answer.usage().completion_tokens());
  response.set_total_tokens(answer.usage().total_tokens());
  co_return absl::OkStatus();
}

Task<absl::Status> GatewayTarget::Hold(Call& call) {
  Stay& stay = call.stay();
  CO_ASSIGN_OR_RETURN(const auto session, sessions_.Open(stay.Now()));
  absl::Status status = co_await Talk(call, *session);
  session->End(status);
  co_return status;
}

Task<absl::Status> GatewayTarget::Talk(Call& call, OpenSession& session) {
  Stay& stay = call.stay();
  CO_RETURN_IF_ERROR(co_await stay.Enter({.stream = true}));
  call.response().mutable_opened()->set_session(absl::StrCat(session.number()));
  CO_RETURN_IF_ERROR(co_await Send(call, session));
  session.Heard(stay.Now());
  while (true) {
    const Nanos idle_at = session.IdleAt();
    CO_ASSIGN_OR_RETURN(const Outcome read, co_await call.ReadUntil(std::min(
                                                idle_at, session.BeatAt())));
    const bool idle = read == Outcome::kLate && stay.Now() >= idle_at;
    if (read == Outcome::kOver || idle) {
      if (!idle) CO_RETURN_IF_ERROR(call.ReadAll());
      session.Close(idle ? Closed::IDLE : Closed::DONE);
      call.response().mutable_closed()->set_reason(idle ? Closed::IDLE
                                                        : Closed::DONE);
      co_return co_await Send(call, session);
    }
    if (read == Outcome::kLate) {
      call.response().mutable_heartbeat();
    } else {
      CO_RETURN_IF_ERROR(co_await Respond(call, session));
    }
    CO_RETURN_IF_ERROR(co_await Send(call, session));
    if (read == Outcome::kDone) session.Heard(stay.Now());
    if (stay.TakesDrop()) co_return Dropped();
  }
}

Task<absl::Status> GatewayTarget::Respond(Call& call, OpenSession& session) {
  Stay& stay = call.stay();
  SessionResponse& response = call.response();
  const SendMessageRequest& request = call.request();
  CO_RETURN_IF_ERROR(co_await stay.Transfer(BytesOf(request)));
  const auto prompt =
      Timed(stay, Phase::kParse, [&] { return Parse(request); });
  absl::Status status = prompt.status();
  if (status.ok()) {
    CO_RETURN_IF_ERROR(co_await stay.Work(nullptr));
    status = co_await Reply(stay, request, *prompt, *response.mutable_answer());
  }
  response.set_messages(session.CountMessage());
  if (!status.ok()) {
    // Of the whole session, where it was that.
    if (stay.scope().cancelled()) co_return status;
    SessionResponse::Failure& failure = *response.mutable_failure();
    failure.set_id(request.id().substr(0, kLongestId));
    failure.set_status(
        std::string(StatusName(static_cast<int>(status.code()))));
    failure.set_message(std::string(status.message()));
  }
  co_return co_await stay.Transfer(BytesOf(response));
}

Task<absl::Status> GatewayTarget::Send(Call& call, OpenSession& session) {
  const Nanos now = call.stay().Now();
  const auto sent = co_await call.WriteUntil(session.WriteBy(now));
  // What is still to be written would hold its last status back.
  if (!sent.ok() || *sent == Outcome::kLate) call.context().TryCancel();
  CO_RETURN_IF_ERROR(sent.status());
  if (*sent == Outcome::kOver) co_return Gone();
  if (*sent == Outcome::kLate) {
    session.Close(Closed::SLOW_READER);
    co_return absl::AbortedError("the client does not read");
  }
  call.response().Clear();
  session.Sent(call.stay().Now());
  co_return absl::OkStatus();
}

grpc::ServerBidiReactor<SendMessageRequest, SessionResponse>*
GatewayTarget::Session(grpc::CallbackServerContext* context) {
  return ServeStream<Call>(*this, context,
                           [this](Call& call) { return Hold(call); });
}

grpc::ServerUnaryReactor* GatewayTarget::SendMessage(
    grpc::CallbackServerContext* context, const SendMessageRequest* request,
    SendMessageResponse* response) {
  return ServeUnary(*this, context, *response, [=, this](Stay& stay) {
    return Answer(stay, *request, *response);
  });
}

}  // namespace perfrig::targets
