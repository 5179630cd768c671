// What the daemon says to its operator, on standard error: one line an event,
// as text or as JSON, never with secrets.
//
//   LogInfo("run queued", {{"run", run.name()}});
#ifndef PERFRIG_SERVER_LOGGING_H_
#define PERFRIG_SERVER_LOGGING_H_

#include <initializer_list>
#include <string>
#include <string_view>

namespace perfrig {

struct LogField {
  std::string_view key;
  std::string value;
};
using LogFields = std::initializer_list<LogField>;

// Once, before the first line. `level` is debug, info, warning, error or off;
// `format` is text or json.
void SetUpLogging(const std::string& level, const std::string& format);

void LogDebug(std::string_view message, LogFields fields = {});
void LogInfo(std::string_view message, LogFields fields = {});
void LogWarning(std::string_view message, LogFields fields = {});
void LogError(std::string_view message, LogFields fields = {});

// The part of a line after time and level: `message key=value key="a b"`, or
// `"message":"…","key":"value"`.
std::string FormatText(std::string_view message, LogFields fields);
std::string FormatJson(std::string_view message, LogFields fields);

}  // namespace perfrig

#endif  // PERFRIG_SERVER_LOGGING_H_
