// How long the Orchestrator's model takes, by its profile.
#ifndef PERFRIG_SERVER_TARGETS_MODEL_TIMES_H_
#define PERFRIG_SERVER_TARGETS_MODEL_TIMES_H_

#include <cstdint>
#include <optional>

#include "common/time/clock.h"
#include "perfrig/v1/behavior.pb.h"

namespace perfrig::targets {

// A value, of one behavior.
class ModelTimes {
 public:
  ModelTimes() = default;
  explicit ModelTimes(const v1::Behavior& behavior);

  // Nothing where the delay of the behavior holds.
  [[nodiscard]] std::optional<Nanos> FirstToken(std::uint64_t prompt_tokens,
                                                std::uint64_t others) const;
  // From one token to the next, `others` being the chats at the same time;
  // nothing where the delay is spread over the tokens.
  [[nodiscard]] std::optional<Nanos> Gap(std::uint64_t others) const;
  // From the start of a chat to its last token, as the station is asked for it;
  // nothing where the delay of the behavior holds.
  [[nodiscard]] std::optional<Nanos> Whole(std::uint64_t prompt_tokens,
                                           std::uint64_t tokens,
                                           std::uint64_t others) const;

 private:
  bool model_ = false;
  Nanos base_ = 0;
  Nanos of_prompt_token_ = 0;
  std::optional<Nanos> gap_;
  // The model's own; none where the behavior has one, by which the station
  // multiplies what it delays.
  double own_load_ = 0;
  // Of what lies between the tokens, which the station does not delay.
  double gap_load_ = 0;
};

}  // namespace perfrig::targets

#endif  // PERFRIG_SERVER_TARGETS_MODEL_TIMES_H_
