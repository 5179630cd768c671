#include "server/local/allocations.h"

#include <cstddef>
#include <cstdlib>
#include <new>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define PERFRIG_SANITIZED
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || \
    __has_feature(memory_sanitizer)
#define PERFRIG_SANITIZED
#endif
#endif

#ifdef PERFRIG_SANITIZED

namespace perfrig::local {

drivers::AllocationCounter CountedAllocations() { return nullptr; }

}  // namespace perfrig::local

#else

namespace {

// Constant from the start, so that it needs no guard: what is allocated before
// main counts, too.
constinit thread_local perfrig::drivers::Allocations allocations;

void Count(std::size_t bytes) {
  ++allocations.count;
  allocations.bytes += bytes;
}

// As the standard asks of operator new: the handler may make room.
template <class Allocate>
void* OrThrow(const Allocate& allocate) {
  while (true) {
    void* const memory = allocate();
    if (memory != nullptr) return memory;
    const std::new_handler handler = std::get_new_handler();
    if (handler == nullptr) throw std::bad_alloc();
    handler();
  }
}

}  // namespace

// The other forms come down to these.
void* operator new(std::size_t bytes) {
  Count(bytes);
  return OrThrow([&] { return std::malloc(bytes == 0 ? 1 : bytes); });
}

void* operator new(std::size_t bytes, std::align_val_t alignment) {
  Count(bytes);
  const auto align = static_cast<std::size_t>(alignment);
  // A multiple of the alignment, as aligned_alloc wants it.
  const std::size_t whole = (bytes + align - 1) / align * align;
  return OrThrow(
      [&] { return std::aligned_alloc(align, whole == 0 ? align : whole); });
}

void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept {
  std::free(memory);
}

namespace perfrig::local {

drivers::AllocationCounter CountedAllocations() {
  return [] { return allocations; };
}

}  // namespace perfrig::local

#endif
