#include "server/targets/completions.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "server/targets/behavior/random.h"
#include "server/targets/fields.h"
#include "server/targets/script/elsewhere.h"

namespace perfrig::targets {
namespace {

using target::v1::ChatChunk;
using target::v1::ChatMessage;
using target::v1::ChatRequest;
using target::v1::ChatResponse;
using target::v1::Tool;
using target::v1::ToolCall;

constexpr std::size_t kTokenBytes = 4;
constexpr std::uint64_t kLeastTokens = 60;
constexpr std::uint32_t kMostTokens = 200;
constexpr int kMostMessages = 1'000;
constexpr std::size_t kMostText = 1'000'000;
constexpr int kMostTools = 100;
constexpr std::size_t kLongestName = 128;
constexpr std::size_t kLongestDescription = 10'000;
constexpr std::size_t kLongestInput = 1'000;

// Of three letters: a token with the blank behind it.
constexpr std::array<std::string_view, 32> kWords = {
    "the", "and", "for", "are", "but", "not", "you", "all", "any", "can", "her",
    "was", "one", "our", "out", "day", "get", "has", "him", "his", "how", "man",
    "new", "now", "old", "see", "two", "way", "who", "boy", "did", "its"};

template <class... Parts>
absl::Status Wrong(const Parts&... parts) {
  return absl::InvalidArgumentError(absl::StrCat(parts...));
}

std::string_view WordAt(std::uint64_t hash, std::uint32_t index) {
  return kWords.at(Random::Mix(hash + index) % kWords.size());
}

// In time that grows with the text alone, whatever the two look like.
bool Contains(const std::string& text, const std::string& part) {
  return memmem(text.data(), text.size(), part.data(), part.size()) != nullptr;
}

// At most so many bytes of it, whole characters.
std::string Beginning(const std::string& text, std::size_t most) {
  if (text.size() <= most) return text;
  while (most > 0 && (static_cast<unsigned char>(text[most]) & 0xc0U) == 0x80) {
    --most;
  }
  return text.substr(0, most);
}

std::uint64_t HashOf(const ChatRequest& request, std::uint64_t seed) {
  std::uint64_t hash = Random::Mix(seed);
  for (const ChatMessage& message : request.messages()) {
    hash = Random::Mix(targets::HashOf(message.text(), hash));
  }
  return hash;
}

Completion::ToolCalls ToolsCalled(const ChatRequest& request,
                                  std::uint64_t hash) {
  Completion::ToolCalls calls;
  const ChatMessage& last = *request.messages().rbegin();
  const bool asked = last.role() == ChatMessage::USER ||
                     last.role() == ChatMessage::ROLE_UNSPECIFIED;
  if (!asked || request.tool_choice() == ChatRequest::NONE) return calls;
  const auto call = [&](const Tool& tool) {
    ToolCall& added = *calls.Add();
    added.set_id(absl::StrCat("call-", absl::Hex(hash >> 32, absl::kZeroPad8),
                              "-", calls.size()));
    added.set_name(tool.name());
    (*added.mutable_arguments()->mutable_fields())["input"].set_string_value(
        Beginning(last.text(), kLongestInput));
  };
  for (const Tool& tool : request.tools()) {
    if (Contains(last.text(), tool.name())) call(tool);
  }
  if (calls.empty() && request.tool_choice() == ChatRequest::REQUIRED) {
    call(request.tools(0));
  }
  return calls;
}

absl::Status CheckMessages(const ChatRequest& request) {
  if (request.messages().empty() || request.messages_size() > kMostMessages) {
    return Wrong("messages: must be 1 to ", kMostMessages, ", got ",
                 request.messages_size());
  }
  std::size_t bytes = 0;
  for (int i = 0; i < request.messages_size(); ++i) {
    const ChatMessage& message = request.messages(i);
    if (!ChatMessage::Role_IsValid(message.role())) {
      return Wrong("messages[", i, "].role: must be 0 to 4, got ",
                   static_cast<int>(message.role()));
    }
    bytes += message.text().size();
  }
  if (bytes > kMostText) {
    return Wrong("messages: their text must have at most ", kMostText,
                 " bytes, got ", bytes);
  }
  return absl::OkStatus();
}

absl::Status CheckTools(const ChatRequest& request) {
  if (request.tools_size() > kMostTools) {
    return Wrong("tools: must be 0 to ", kMostTools, ", got ",
                 request.tools_size());
  }
  for (int i = 0; i < request.tools_size(); ++i) {
    const std::string field = absl::StrCat("tools[", i, "].");
    const Tool& tool = request.tools(i);
    absl::Status checked =
        CheckBytes(field + "name", tool.name(), 1, kLongestName);
    checked.Update(CheckBytes(field + "description", tool.description(), 0,
                              kLongestDescription));
    if (!checked.ok()) return checked;
  }
  if (!ChatRequest::ToolChoice_IsValid(request.tool_choice())) {
    return Wrong("tool_choice: must be 0 to 3, got ",
                 static_cast<int>(request.tool_choice()));
  }
  if (request.tool_choice() == ChatRequest::REQUIRED &&
      request.tools().empty()) {
    return Wrong("tools: must not be empty where tool_choice is REQUIRED");
  }
  return absl::OkStatus();
}

}  // namespace

std::uint64_t CountTokens(std::string_view text) {
  return (text.size() + kTokenBytes - 1) / kTokenBytes;
}

bool IsLong(const ChatRequest& request) {
  std::size_t bytes = 0;
  for (const ChatMessage& message : request.messages()) {
    bytes += message.text().size();
  }
  const std::size_t searches =
      request.tools_size() * request.messages().rbegin()->text().size();
  return bytes + searches > kLightBytes;
}

absl::Status CheckChat(const ChatRequest& request) {
  absl::Status checked =
      CheckBytes("tenant", request.tenant(), 0, kLongestName);
  checked.Update(CheckMessages(request));
  checked.Update(CheckTools(request));
  if (request.max_tokens() > kMostTokens) {
    checked.Update(Wrong("max_tokens: must be 0 to ", kMostTokens, ", got ",
                         request.max_tokens()));
  }
  return checked;
}

std::string TextOfTokens(std::uint64_t hash, std::uint32_t tokens) {
  std::string text;
  for (std::uint32_t i = 0; i < tokens; ++i) {
    text.append(WordAt(hash, i)).append(" ");
  }
  return text;
}

Completion::Completion(const ChatRequest& request, std::uint64_t seed)
    : hash_(HashOf(request, seed)), tool_calls_(ToolsCalled(request, hash_)) {
  for (const ChatMessage& message : request.messages()) {
    prompt_tokens_ += CountTokens(message.text());
  }
  tokens_ = static_cast<std::uint32_t>(
      std::clamp<std::uint64_t>(2 * prompt_tokens_, kLeastTokens, kMostTokens));
  cut_ = request.max_tokens() > 0 && request.max_tokens() < tokens_;
  if (cut_) tokens_ = request.max_tokens();
}

std::string Completion::Token(std::uint32_t index) const {
  return absl::StrCat(std::string(WordAt(hash_, index)), " ");
}

template <class Message>
void Completion::FillInEnd(Message& message) const {
  *message.mutable_tool_calls() = tool_calls_;
  message.set_finish_reason(!tool_calls_.empty() ? target::v1::TOOL_CALLS
                            : cut_               ? target::v1::LENGTH
                                                 : target::v1::STOP);
  message.mutable_usage()->set_prompt_tokens(prompt_tokens_);
  message.mutable_usage()->set_completion_tokens(tokens_);
  message.mutable_usage()->set_total_tokens(total_tokens());
}

void Completion::FillIn(ChatResponse& response) const {
  response.set_text(TextOfTokens(hash_, tokens_));
  FillInEnd(response);
}

void Completion::FillIn(std::uint32_t index, ChatChunk& chunk) const {
  chunk.set_index(index);
  chunk.set_text(Token(index));
  chunk.set_tokens(index + 1);
  if (chunk.tokens() == tokens_) FillInEnd(chunk);
}

}  // namespace perfrig::targets
