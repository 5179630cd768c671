// What a suite holds that only the target may see.
#ifndef PERFRIG_SERVER_SUITES_SECRETS_H_
#define PERFRIG_SERVER_SUITES_SECRETS_H_

#include "perfrig/v1/suite.pb.h"

namespace perfrig::suites {

// The suite with "(hidden)" for metadata that authorizes: "authorization",
// "cookie", and all whose names speak of API keys, tokens, secrets, passwords.
// A value with a data template stays, since it only says where to find one.
v1::Suite WithoutSecrets(v1::Suite suite);

}  // namespace perfrig::suites

#endif  // PERFRIG_SERVER_SUITES_SECRETS_H_
