// Behaviors that nobody would think of.
#ifndef PERFRIG_TESTS_SOAK_RANDOM_BEHAVIOR_H_
#define PERFRIG_TESTS_SOAK_RANDOM_BEHAVIOR_H_

#include <random>

#include "perfrig/v1/target.pb.h"

namespace perfrig::soak {

// One that has to be taken: some fields and options of `target`, in their
// ranges, and some sent back to their defaults. Delays stay below a second.
v1::UpdateBehaviorRequest RandomUpdate(const v1::Target& target,
                                       std::mt19937_64& random);

// One that has to be refused.
v1::UpdateBehaviorRequest WrongUpdate(const v1::Target& target,
                                      std::mt19937_64& random);

}  // namespace perfrig::soak

#endif  // PERFRIG_TESTS_SOAK_RANDOM_BEHAVIOR_H_
