// What the data of a local call say, read once.
//
//   Options options(data);
//   const std::size_t bytes = options.Size("bytes", {1, 1e8}, 10'000);
//   const Nanos delay = options.Time("delay", 0);
//   RETURN_IF_ERROR(options.Finish());
#ifndef PERFRIG_SERVER_LOCAL_OPTIONS_H_
#define PERFRIG_SERVER_LOCAL_OPTIONS_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "common/checks/ranges.h"
#include "common/strings/field_problem.h"
#include "common/time/clock.h"
#include "google/protobuf/struct.pb.h"

namespace perfrig::local {

// Each value is asked for once, with what holds where the data say nothing.
class Options {
 public:
  // `data` are a JSON map, or nothing; else that is a problem.
  explicit Options(std::string_view data);

  double Number(const std::string& name, const NumberRange& range,
                double otherwise);
  std::size_t Count(const std::string& name, const NumberRange& range,
                    std::size_t otherwise);
  // "10KB", or a number of bytes.
  std::size_t Size(const std::string& name, const NumberRange& range,
                   std::size_t otherwise);
  // "2ms"; 0 to a minute.
  Nanos Time(const std::string& name, Nanos otherwise);
  bool Flag(const std::string& name, bool otherwise);
  // One of `choices`.
  std::string Choice(const std::string& name,
                     const std::vector<std::string>& choices,
                     const std::string& otherwise);

  // What values are wrong with each other: "must be …, got …".
  void Refuse(std::string name, std::string rule);

  // Everything that was wrong, names included that nobody has asked for, in
  // the order of the names; "" stands for the data as a whole.
  [[nodiscard]] std::vector<FieldProblem> Problems() const;
  // INVALID_ARGUMENT with the same as one text.
  [[nodiscard]] absl::Status Finish() const;

 private:
  // Null where the data do not name it.
  const google::protobuf::Value* Find(const std::string& name);
  void Wrong(const std::string& name, const std::string& rule,
             const google::protobuf::Value& value);
  // In range, or `otherwise` and a problem.
  double InRange(const std::string& name, double value,
                 const NumberRange& range, double otherwise);

  google::protobuf::Struct data_;
  std::vector<std::string> asked_;
  std::vector<FieldProblem> problems_;
};

}  // namespace perfrig::local

#endif  // PERFRIG_SERVER_LOCAL_OPTIONS_H_
