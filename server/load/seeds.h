// Seeds for things that must have nothing in common: rounds, groups, lanes.
#ifndef PERFRIG_SERVER_LOAD_SEEDS_H_
#define PERFRIG_SERVER_LOAD_SEEDS_H_

#include <cstdint>

namespace perfrig::load {

// Spreads all bits over all bits (splitmix64).
inline std::uint64_t MixSeed(std::uint64_t bits) {
  bits += 0x9E3779B97F4A7C15;
  bits = (bits ^ (bits >> 30)) * 0xBF58476D1CE4E5B9;
  bits = (bits ^ (bits >> 27)) * 0x94D049BB133111EB;
  return bits ^ (bits >> 31);
}

// A generator that is seeded with it repeats no stretch of one that was seeded
// with another part of the same seed.
inline std::uint64_t SeedOfPart(std::uint64_t seed, std::uint64_t part) {
  return MixSeed(MixSeed(seed) + part);
}

}  // namespace perfrig::load

#endif  // PERFRIG_SERVER_LOAD_SEEDS_H_
