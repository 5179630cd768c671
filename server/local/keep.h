// Keeps the compiler from leaving out work whose result nobody uses.
//
//   Keep(lru.Get(key));
#ifndef PERFRIG_SERVER_LOCAL_KEEP_H_
#define PERFRIG_SERVER_LOCAL_KEEP_H_

namespace perfrig::local {

// As if `value` were read by somebody whom the compiler does not see.
template <class T>
void Keep(const T& value) {
  asm volatile("" : : "r"(&value) : "memory");
}

}  // namespace perfrig::local

#endif  // PERFRIG_SERVER_LOCAL_KEEP_H_
