// How much a suite may ask for; proto/perfrig/v1/suite.proto tells the same.
#ifndef PERFRIG_SERVER_SUITES_LIMITS_H_
#define PERFRIG_SERVER_SUITES_LIMITS_H_

#include <cstdint>

namespace perfrig::suites {

inline constexpr int kMostTests = 1'000;
inline constexpr int kMostSteps = 100;
inline constexpr int kMostGroups = 20;
inline constexpr double kMostWeight = 1'000'000;
// Of one test.
inline constexpr int kMostTaken = 200;
inline constexpr int kMostConditions = 1'000;
inline constexpr int kMostThresholds = 1'000;
inline constexpr int kMostShown = 100;
// Of those that end the test.
inline constexpr int kMostEndingThresholds = 100;
inline constexpr std::uint32_t kMostRounds = 1'000;
inline constexpr std::uint32_t kMostUsers = 100'000;
inline constexpr std::uint64_t kMostIterations = 1'000'000'000'000;
inline constexpr std::uint32_t kMostInFlight = 1'000'000;
inline constexpr std::uint32_t kMostConnections = 10'000;
inline constexpr double kMostRate = 1'000'000;
inline constexpr double kLeastBurstiness = 0.01;
inline constexpr double kMostBurstiness = 100;
// Processes of one test.
inline constexpr int kMostSpawned = 64;
inline constexpr double kFinestPrecision = 0.01;
inline constexpr double kCoarsestPrecision = 0.5;
inline constexpr int kMostStages = 1'000;
inline constexpr std::uint32_t kMostMessages = 1'000'000;
inline constexpr double kMostChunkBytes = 64 << 20;
inline constexpr double kMostBytesPerSecond = 1e12;
inline constexpr std::uint32_t kLeastAttempts = 2;
inline constexpr std::uint32_t kMostAttempts = 100;
inline constexpr double kMostBackoffFactor = 100;

}  // namespace perfrig::suites

#endif  // PERFRIG_SERVER_SUITES_LIMITS_H_
