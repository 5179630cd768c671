// What a local call tells beside its status: "trailer.NAME" of a suite.
#ifndef PERFRIG_SERVER_DRIVERS_LOCAL_LOCAL_TRAILERS_H_
#define PERFRIG_SERVER_DRIVERS_LOCAL_LOCAL_TRAILERS_H_

#include <string_view>
#include <vector>

#include "server/drivers/driver.h"

namespace perfrig::drivers {

// Numbers by name. Filled anew for each call; what it once allocated it keeps.
class LocalTrailers {
 public:
  void Clear() { count_ = 0; }
  void Add(std::string_view name, double value);

  // Valid until the next change.
  const std::vector<Header>& headers();

 private:
  std::vector<Header> headers_;
  std::size_t count_ = 0;
};

}  // namespace perfrig::drivers

#endif  // PERFRIG_SERVER_DRIVERS_LOCAL_LOCAL_TRAILERS_H_
