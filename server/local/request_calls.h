// What a cache library does for each request before it looks anything up.
#ifndef PERFRIG_SERVER_LOCAL_REQUEST_CALLS_H_
#define PERFRIG_SERVER_LOCAL_REQUEST_CALLS_H_

#include <string>
#include <string_view>

#include "server/drivers/local/local_function.h"
#include "server/local/tiers.h"

namespace perfrig::local {

// RFC 3986: all but letters, digits and "-._~" as %XX.
std::string UrlEncode(std::string_view text);

// None of them takes data. What `parts` refer to outlives what they make.
//
// The key of a call, from its arguments.
drivers::LocalFunction KeyMake();
// A cache that one request sees: the shared one, with the request's tenant
// before each key. Made and ended.
drivers::LocalFunction WrapperCreate(const LocalParts& parts);
// The tenant of the request that this thread is at work for.
drivers::LocalFunction ContextGet();
// A key of 60 characters, a quarter of which have to be encoded.
drivers::LocalFunction UrlEncodeCall();

}  // namespace perfrig::local

#endif  // PERFRIG_SERVER_LOCAL_REQUEST_CALLS_H_
