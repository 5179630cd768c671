// What a local call tells beside its status: "trailer.NAME" of a suite.
#ifndef PERFRIG_SERVER_DRIVERS_LOCAL_LOCAL_TRAILERS_H_
#define PERFRIG_SERVER_DRIVERS_LOCAL_LOCAL_TRAILERS_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "common/time/clock.h"
#include "server/drivers/driver.h"

namespace perfrig::drivers {

// Numbers and phases by name. Filled anew for each call; what it once allocated
// it keeps.
class LocalTrailers {
 public:
  void Clear();
  void Add(std::string_view name, double value);
  // Where time went, as mock targets tell it: "phase.NAME".
  void AddPhase(std::string_view name, Nanos time);

  // Valid until the next change.
  const std::vector<Header>& headers();

 private:
  std::vector<Header> headers_;
  std::size_t count_ = 0;
  // "key=1200,work=20000".
  std::string phases_;
};

}  // namespace perfrig::drivers

#endif  // PERFRIG_SERVER_DRIVERS_LOCAL_LOCAL_TRAILERS_H_
