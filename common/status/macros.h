// Passing an error on.
//
//   RETURN_IF_ERROR(Check(suite));
//   ASSIGN_OR_RETURN(Plan plan, MakePlan(suite));
#ifndef PERFRIG_COMMON_STATUS_MACROS_H_
#define PERFRIG_COMMON_STATUS_MACROS_H_

#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#define RETURN_IF_ERROR(expression)                  \
  do {                                               \
    absl::Status perfrig_status = (expression);      \
    if (!perfrig_status.ok()) return perfrig_status; \
  } while (false)

#define PERFRIG_CONCAT_INNER(a, b) a##b
#define PERFRIG_CONCAT(a, b) PERFRIG_CONCAT_INNER(a, b)

#define ASSIGN_OR_RETURN(declaration, expression)                              \
  PERFRIG_ASSIGN_OR_RETURN(PERFRIG_CONCAT(perfrig_or_, __LINE__), declaration, \
                           expression)
#define PERFRIG_ASSIGN_OR_RETURN(result, declaration, expression) \
  auto result = (expression);                                     \
  if (!result.ok()) return std::move(result).status();            \
  declaration = *std::move(result)

#endif  // PERFRIG_COMMON_STATUS_MACROS_H_
