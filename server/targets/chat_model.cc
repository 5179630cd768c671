#include "server/targets/chat_model.h"

#include <algorithm>
#include <cstddef>

namespace perfrig::targets {
namespace {

constexpr std::size_t kTokenBytes = 4;
constexpr std::uint32_t kFewestTokens = 60;
constexpr std::uint32_t kMostTokens = 200;

}  // namespace

ChatModel::ChatModel(const TargetSetup& setup)
    : station_(setup.clock, setup.delays, {}) {}

Task<absl::Status> ChatModel::Chat(Stay& stay, const std::string& prompt,
                                   ChatAnswer& answer) {
  CO_RETURN_IF_ERROR(
      co_await stay.Enter({.work_times = 1, .own_delay = &delay_}));
  answer.prompt_tokens = static_cast<std::uint32_t>(
      (prompt.size() + kTokenBytes - 1) / kTokenBytes);
  answer.completion_tokens =
      std::clamp(2 * answer.prompt_tokens, kFewestTokens, kMostTokens);
  answer.text.clear();
  for (std::uint32_t i = 0; i < answer.completion_tokens; ++i) {
    answer.text += i == 0 ? "yes" : " yes";
  }
  co_return absl::OkStatus();
}

void ChatModel::Reset() { station_.Reset({}); }

}  // namespace perfrig::targets
