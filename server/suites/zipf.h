// Numbers of which the small ones are frequent: {{zipf N S}}.
#ifndef PERFRIG_SERVER_SUITES_ZIPF_H_
#define PERFRIG_SERVER_SUITES_ZIPF_H_

#include <cstdint>
#include <string>

#include "server/suites/data_maker.h"

namespace perfrig::suites {

// 0 to n − 1; k comes in proportion to 1 ÷ (k + 1)^s. Draws by rejection-
// inversion (W. Hörmann, G. Derflinger, "Rejection-inversion to generate
// variates from monotone discrete distributions", 1996): a few logarithms, no
// table, and hardly ever a second try.
class Zipf final : public DataMaker {
 public:
  // n: 1 to 2^53; s: 0 or more.
  Zipf(std::uint64_t n, double s);

  std::uint64_t Draw(std::uint64_t& random) const;

  void Append(std::uint64_t sequence, std::uint64_t& random,
              std::string& out) const override;
  std::string Sample(bool greatest) const override;

 private:
  // 1 ÷ x^s, its integral from 1 to x, and the inverse of that.
  double Height(double x) const;
  double Area(double x) const;
  double InverseArea(double area) const;

  const std::uint64_t n_;
  const double s_;
  // Areas between which is drawn, and how near the centre of a number a draw
  // is right without a look at its height.
  const double first_;
  const double last_;
  const double near_;
};

}  // namespace perfrig::suites

#endif  // PERFRIG_SERVER_SUITES_ZIPF_H_
