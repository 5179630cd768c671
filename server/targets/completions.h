// What the mock model of the Orchestrator says, and how long that is.
#ifndef PERFRIG_SERVER_TARGETS_COMPLETIONS_H_
#define PERFRIG_SERVER_TARGETS_COMPLETIONS_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "google/protobuf/repeated_ptr_field.h"
#include "perfrig/target/v1/orchestrator.pb.h"

namespace perfrig::targets {

// One for every four bytes that it begins.
std::uint64_t CountTokens(std::string_view text);

absl::Status CheckChat(const target::v1::ChatRequest& request);
// Of one that has passed CheckChat: what follows from it takes long to make.
bool IsLong(const target::v1::ChatRequest& request);

// A text of so many tokens, the same for the same hash.
std::string TextOfTokens(std::uint64_t hash, std::uint32_t tokens);

// The answer to one chat, a value: known as a whole before its first token.
class Completion {
 public:
  using ToolCalls = google::protobuf::RepeatedPtrField<target::v1::ToolCall>;

  // `request` has passed CheckChat.
  Completion(const target::v1::ChatRequest& request, std::uint64_t seed);

  // At least 1.
  [[nodiscard]] std::uint32_t tokens() const { return tokens_; }
  [[nodiscard]] std::uint64_t prompt_tokens() const { return prompt_tokens_; }
  [[nodiscard]] std::uint64_t total_tokens() const {
    return prompt_tokens_ + tokens_;
  }
  [[nodiscard]] int tool_calls() const { return tool_calls_.size(); }

  [[nodiscard]] std::string Token(std::uint32_t index) const;
  // Text, tool calls, finish_reason and usage.
  void FillIn(target::v1::ChatResponse& response) const;
  // All but the times; the last one has more.
  void FillIn(std::uint32_t index, target::v1::ChatChunk& chunk) const;

 private:
  template <class Message>
  void FillInEnd(Message& message) const;

  std::uint64_t hash_;
  std::uint64_t prompt_tokens_ = 0;
  std::uint32_t tokens_ = 0;
  bool cut_ = false;
  ToolCalls tool_calls_;
};

}  // namespace perfrig::targets

#endif  // PERFRIG_SERVER_TARGETS_COMPLETIONS_H_
