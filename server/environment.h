// The process's environment.
#ifndef PERFRIG_SERVER_ENVIRONMENT_H_
#define PERFRIG_SERVER_ENVIRONMENT_H_

#include <map>
#include <string>

namespace perfrig {

// By name.
std::map<std::string, std::string> Environment();

}  // namespace perfrig

#endif  // PERFRIG_SERVER_ENVIRONMENT_H_
