#include "server/load/profile.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace perfrig::load {
namespace {

double ToSeconds(Nanos time) { return static_cast<double>(time) / 1e9; }

Nanos Length(const google::protobuf::Duration& duration) {
  return duration.seconds() * kSecond + duration.nanos();
}

double LevelAt(const Profile::Piece& piece, Nanos offset) {
  if (piece.from == piece.to || piece.length == kNever) return piece.from;
  return piece.from + (piece.to - piece.from) * static_cast<double>(offset) /
                          static_cast<double>(piece.length);
}

double Area(const Profile::Piece& piece) {
  return (piece.from + piece.to) / 2 * ToSeconds(piece.length);
}

// Seconds into the piece at which its area reaches `area`. The form of the
// quadratic's solution that loses no digits where the ramp is flat.
double Solve(const Profile::Piece& piece, double area) {
  if (piece.from == piece.to) return area / piece.from;
  const double slope = (piece.to - piece.from) / ToSeconds(piece.length);
  const double root =
      std::sqrt(std::max(0.0, piece.from * piece.from + 2 * slope * area));
  return area == 0 ? 0 : 2 * area / (piece.from + root);
}

}  // namespace

void Profile::Add(Piece piece) {
  pieces_.push_back(piece);
  length_ = piece.length == kNever ? kNever : length_ + piece.length;
}

Profile Profile::Hold(double level, Nanos length) {
  Profile profile;
  profile.Add({level, level, length});
  return profile;
}

Profile Profile::Of(const v1::Load& load) {
  const bool open = load.rate() > 0;
  if (load.stages().empty()) {
    return Hold(open ? load.rate() : std::max(1U, load.users()),
                load.has_duration() ? Length(load.duration()) : kNever);
  }
  Profile profile;
  double previous = 0;
  for (const v1::Stage& stage : load.stages()) {
    const double level = stage.has_rate() ? stage.rate() : stage.users();
    profile.Add(
        {stage.ramp() ? previous : level, level, Length(stage.duration())});
    previous = level;
  }
  return profile;
}

Profile Profile::WarmUp(Nanos length) const {
  return Hold(pieces_.empty() ? 0 : pieces_.front().to, length);
}

double Profile::At(Nanos offset) const {
  for (const Piece& piece : pieces_) {
    if (offset < piece.length) return LevelAt(piece, offset);
    offset -= piece.length;
  }
  return pieces_.empty() ? 0 : pieces_.back().to;
}

double Profile::Peak() const {
  double peak = 0;
  for (const Piece& piece : pieces_) {
    peak = std::max({peak, piece.from, piece.to});
  }
  return peak;
}

ProfileInverse::ProfileInverse(Profile profile)
    : profile_(std::move(profile)) {}

Nanos ProfileInverse::At(double area) {
  const auto& pieces = profile_.pieces();
  while (piece_ < pieces.size()) {
    const Profile::Piece& piece = pieces[piece_];
    const double all = Area(piece);
    // An arrival at the very end belongs to what comes after; the last digits
    // of a product of two decimal numbers must not decide about it.
    if (area - before_ < all - 1e-9) {
      const auto offset = std::llround(Solve(piece, area - before_) * 1e9);
      return start_ + std::min<Nanos>(offset, piece.length);
    }
    before_ += all;
    start_ += piece.length;
    ++piece_;
  }
  return kNever;
}

std::uint32_t UserCounts::At(Nanos offset) const {
  return static_cast<std::uint32_t>(std::lround(profile_.At(offset)));
}

Nanos UserCounts::NextChange(Nanos offset) const {
  Nanos start = 0;
  for (const Profile::Piece& piece : profile_.pieces()) {
    if (piece.length == kNever) return kNever;
    const Nanos end = start + piece.length;
    if (offset >= end) {
      start = end;
      continue;
    }
    if (piece.from == piece.to) return end;
    const double step = piece.to > piece.from ? 0.5 : -0.5;
    const double next = static_cast<double>(At(offset)) + step;
    const double share = (next - piece.from) / (piece.to - piece.from);
    const auto crossing =
        start + static_cast<Nanos>(
                    std::ceil(share * static_cast<double>(piece.length)));
    return std::clamp(crossing, offset + 1, std::max(end, offset + 1));
  }
  return kNever;
}

}  // namespace perfrig::load
