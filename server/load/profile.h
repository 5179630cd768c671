// A level over time: the rate of an open load, the users of a closed one.
// Pure; all times are offsets from its start.
#ifndef PERFRIG_SERVER_LOAD_PROFILE_H_
#define PERFRIG_SERVER_LOAD_PROFILE_H_

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "common/time/clock.h"
#include "perfrig/v1/suite.pb.h"

namespace perfrig::load {

class Profile {
 public:
  // A straight line from one level to another.
  struct Piece {
    double from = 0;
    double to = 0;
    // kNever in the last piece only: it never ends.
    Nanos length = 0;
  };

  // The same level for `length`.
  static Profile Hold(double level, Nanos length);
  // The measured part of a load: its stages, or its one rate or number of
  // users for as long as it says.
  static Profile Of(const v1::Load& load);
  // Its first piece's final level, held: what a warm-up does.
  [[nodiscard]] Profile WarmUp(Nanos length) const;

  [[nodiscard]] double At(Nanos offset) const;
  // The highest level.
  [[nodiscard]] double Peak() const;
  // kNever if it never ends.
  [[nodiscard]] Nanos length() const { return length_; }
  [[nodiscard]] const std::vector<Piece>& pieces() const { return pieces_; }

 private:
  void Add(Piece piece);

  std::vector<Piece> pieces_;
  Nanos length_ = 0;
};

// Finds when the area under a profile of rates (a number of arrivals) reaches
// ever larger values.
class ProfileInverse {
 public:
  explicit ProfileInverse(Profile profile);

  // Offset at which the area reaches `area`, which must not be less than the
  // last time; kNever if it does not before the profile ends.
  Nanos At(double area);

 private:
  const Profile profile_;
  // The piece at work, its start, and the area before it.
  std::size_t piece_ = 0;
  Nanos start_ = 0;
  double before_ = 0;
};

// How many users are at work at what time: the level, rounded.
class UserCounts {
 public:
  explicit UserCounts(Profile profile) : profile_(std::move(profile)) {}

  [[nodiscard]] std::uint32_t At(Nanos offset) const;
  // When the number may next change, after `offset`; kNever if it does not.
  [[nodiscard]] Nanos NextChange(Nanos offset) const;

 private:
  const Profile profile_;
};

}  // namespace perfrig::load

#endif  // PERFRIG_SERVER_LOAD_PROFILE_H_
