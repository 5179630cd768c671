// Random numbers that are the same on every machine.
#ifndef PERFRIG_SERVER_TARGETS_BEHAVIOR_RANDOM_H_
#define PERFRIG_SERVER_TARGETS_BEHAVIOR_RANDOM_H_

#include <cmath>
#include <cstdint>
#include <numbers>
#include <string_view>

namespace perfrig::targets {

// FNV-1a; `hash` goes on from an earlier part.
inline std::uint64_t HashOf(std::string_view text,
                            std::uint64_t hash = 0xcbf29ce484222325) {
  for (const char c : text) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  }
  return hash;
}

// SplitMix64: eight bytes, so that each call can have its own, and what one
// call draws does not depend on how others run beside it.
class Random {
 public:
  explicit Random(std::uint64_t state = 0) : state_(state) {}

  // The numbers of the call that arrived as number `index` under `seed`.
  static Random OfCall(std::uint64_t seed, std::uint64_t index) {
    return Random(Mix(Mix(seed + kStep) + index * kStep));
  }

  std::uint64_t Next() { return Mix(state_ += kStep); }

  // Uniform in (0, 1), neither end included.
  double Unit() {
    return (static_cast<double>(Next() >> 11) + 0.5) * 0x1.0p-53;
  }

  // Mean 0, standard deviation 1 (Box and Muller).
  double Normal() {
    const double radius = std::sqrt(-2 * std::log(Unit()));
    return radius * std::cos(2 * std::numbers::pi * Unit());
  }

  // Spreads all bits over all bits; one to one.
  static std::uint64_t Mix(std::uint64_t bits) {
    bits = (bits ^ (bits >> 30)) * 0xbf58476d1ce4e5b9;
    bits = (bits ^ (bits >> 27)) * 0x94d049bb133111eb;
    return bits ^ (bits >> 31);
  }

 private:
  static constexpr std::uint64_t kStep = 0x9e3779b97f4a7c15;

  std::uint64_t state_;
};

}  // namespace perfrig::targets

#endif  // PERFRIG_SERVER_TARGETS_BEHAVIOR_RANDOM_H_
