// What the API adds to errors on their way out.
#ifndef PERFRIG_SERVER_API_ERRORS_H_
#define PERFRIG_SERVER_API_ERRORS_H_

#include <string_view>
#include <utility>

#include "absl/status/statusor.h"
#include "common/status/details.h"

namespace perfrig::api {

// NOT_FOUND gains the resource that was asked for, unless it names one.
inline absl::Status Named(absl::Status status, std::string_view type,
                          std::string_view name) {
  if (!absl::IsNotFound(status) || ResourceOf(status).has_value()) {
    return status;
  }
  return WithResource(std::move(status), type, name);
}

template <typename T>
absl::StatusOr<T> Named(absl::StatusOr<T> result, std::string_view type,
                        std::string_view name) {
  if (result.ok()) return result;
  return Named(std::move(result).status(), type, name);
}

}  // namespace perfrig::api

#endif  // PERFRIG_SERVER_API_ERRORS_H_
