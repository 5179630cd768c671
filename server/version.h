// Version of the daemon, from CMakeLists.txt.
#ifndef PERFRIG_SERVER_VERSION_H_
#define PERFRIG_SERVER_VERSION_H_

namespace perfrig {

inline constexpr char kVersion[] = PERFRIG_VERSION;

}  // namespace perfrig

#endif  // PERFRIG_SERVER_VERSION_H_
