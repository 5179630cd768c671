// Whether a sanitizer is built in, under which nothing takes its usual time.
#ifndef PERFRIG_TESTS_SUPPORT_SANITIZED_H_
#define PERFRIG_TESTS_SUPPORT_SANITIZED_H_

namespace perfrig {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool kSanitized = true;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
inline constexpr bool kSanitized = true;
#else
inline constexpr bool kSanitized = false;
#endif
#else
inline constexpr bool kSanitized = false;
#endif

}  // namespace perfrig

#endif  // PERFRIG_TESTS_SUPPORT_SANITIZED_H_
