// What the lanes of one test share: things by name, made by the first that
// needs them, and gone with the test.
//
//   ASSIGN_OR_RETURN(const auto cache,
//                    scope.Share<Cache>("cache", [] { return MakeCache(); }));
#ifndef PERFRIG_SERVER_DRIVERS_LOCAL_LOCAL_SCOPE_H_
#define PERFRIG_SERVER_DRIVERS_LOCAL_LOCAL_SCOPE_H_

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/statusor.h"
#include "common/sync/mutex.h"

namespace perfrig::drivers {

// Thread-safe.
class LocalScope {
 public:
  // `make` gives an absl::StatusOr<std::shared_ptr<T>>; others who want the
  // same name wait for it. A name always stands for the same type.
  template <class T, class Make>
  absl::StatusOr<std::shared_ptr<T>> Share(std::string_view name,
                                           const Make& make) {
    MutexLock lock(mutex_);
    const auto known = things_.find(name);
    if (known != things_.end()) {
      return std::static_pointer_cast<T>(known->second);
    }
    absl::StatusOr<std::shared_ptr<T>> made = make();
    if (made.ok()) things_.emplace(name, *made);
    return made;
  }

 private:
  Mutex mutex_;
  // Of several types, so that only a shared pointer knows how each one ends;
  // lanes of a round that is over may still hold one.
  std::map<std::string, std::shared_ptr<void>, std::less<>> things_
      PERFRIG_GUARDED_BY(mutex_);
};

}  // namespace perfrig::drivers

#endif  // PERFRIG_SERVER_DRIVERS_LOCAL_LOCAL_SCOPE_H_
