// What stands behind the Gateway target: a language model of 100 ms.
#ifndef PERFRIG_SERVER_TARGETS_CHAT_MODEL_H_
#define PERFRIG_SERVER_TARGETS_CHAT_MODEL_H_

#include <cstdint>
#include <string>

#include "server/targets/behavior/delay_sampler.h"
#include "server/targets/behavior/station.h"
#include "server/targets/script/stay.h"
#include "server/targets/script/task.h"
#include "server/targets/target.h"

namespace perfrig::targets {

struct ChatAnswer {
  std::string text;
  std::uint32_t prompt_tokens = 0;
  std::uint32_t completion_tokens = 0;
};

class ChatModel {
 public:
  explicit ChatModel(const TargetSetup& setup);

  [[nodiscard]] Station& station() { return station_; }
  // A token is four bytes; the answer has twice as many as the prompt, but 60
  // to 200. `stay` is at the station.
  Task<absl::Status> Chat(Stay& stay, const std::string& prompt,
                          ChatAnswer& answer);
  // Ends what waits.
  void Reset();

 private:
  const DelaySampler delay_ = DelaySampler::Fixed(100 * kMillisecond);
  Station station_;
};

}  // namespace perfrig::targets

#endif  // PERFRIG_SERVER_TARGETS_CHAT_MODEL_H_
