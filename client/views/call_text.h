// How a call of a suite is made, as text.
#ifndef PERFRIG_CLIENT_VIEWS_CALL_TEXT_H_
#define PERFRIG_CLIENT_VIEWS_CALL_TEXT_H_

#include <string>

#include "client/terminal/style.h"
#include "perfrig/v1/suite.pb.h"

namespace perfrig {

// "up to 3 attempts, 100 ms apart and more, gzip": what the call does not leave
// to the defaults.
std::string CallOptionsText(const v1::Call& call, Style style);

}  // namespace perfrig

#endif  // PERFRIG_CLIENT_VIEWS_CALL_TEXT_H_
