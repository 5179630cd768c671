// Random data of calls: cheap, and the same for the same seed.
#ifndef PERFRIG_SERVER_SUITES_RANDOM_DATA_H_
#define PERFRIG_SERVER_SUITES_RANDOM_DATA_H_

#include <cstddef>
#include <cstdint>
#include <string>

namespace perfrig::suites {

// Next number of a splitmix64 sequence.
std::uint64_t NextRandom(std::uint64_t& state);

// Each adds to `out` and advances `random`.
void AppendBytes(std::size_t size, std::uint64_t& random, std::string& out);
// Letters, digits, spaces and dots.
void AppendText(std::size_t size, std::uint64_t& random, std::string& out);
// Version 4, in its usual form.
void AppendUuid(std::uint64_t& random, std::string& out);

}  // namespace perfrig::suites

#endif  // PERFRIG_SERVER_SUITES_RANDOM_DATA_H_
