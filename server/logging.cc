#include "server/logging.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace perfrig {
namespace {

std::string Quoted(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      quoted += {'\\', c};
    } else if (c == '\n') {
      quoted += "\\n";
    } else if (static_cast<unsigned char>(c) < 0x20) {
      absl::StrAppendFormat(&quoted, "\\u%04x", c);
    } else {
      quoted += c;
    }
  }
  return quoted + "\"";
}

bool NeedsQuotes(std::string_view text) {
  for (const char c : text) {
    if (static_cast<unsigned char>(c) <= ' ' || c == '"' || c == '=') {
      return true;
    }
  }
  return text.empty();
}

// spdlog's own default logger carries the level; its name tells the format.
constexpr char kJson[] = "json";

void Log(spdlog::level::level_enum level, std::string_view message,
         LogFields fields) {
  spdlog::logger& logger = *spdlog::default_logger_raw();
  if (!logger.should_log(level)) return;
  const std::string line = logger.name() == kJson ? FormatJson(message, fields)
                                                  : FormatText(message, fields);
  logger.log(level, spdlog::string_view_t(line.data(), line.size()));
}

}  // namespace

void SetUpLogging(const std::string& level, const std::string& format) {
  auto sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
  auto logger = std::make_shared<spdlog::logger>(format, std::move(sink));
  logger->set_pattern(
      format == kJson ? R"({"time":"%Y-%m-%dT%H:%M:%S.%f%z","level":"%l",%v})"
                      : "%Y-%m-%dT%H:%M:%S.%e%z %l %v");
  logger->set_level(spdlog::level::from_str(level));
  logger->flush_on(spdlog::level::debug);
  spdlog::set_default_logger(std::move(logger));
}

void LogDebug(std::string_view message, LogFields fields) {
  Log(spdlog::level::debug, message, fields);
}

void LogInfo(std::string_view message, LogFields fields) {
  Log(spdlog::level::info, message, fields);
}

void LogWarning(std::string_view message, LogFields fields) {
  Log(spdlog::level::warn, message, fields);
}

void LogError(std::string_view message, LogFields fields) {
  Log(spdlog::level::err, message, fields);
}

std::string FormatText(std::string_view message, LogFields fields) {
  std::string line(message);
  for (const LogField& field : fields) {
    absl::StrAppend(
        &line, " ", std::string(field.key), "=",
        NeedsQuotes(field.value) ? Quoted(field.value) : field.value);
  }
  return line;
}

std::string FormatJson(std::string_view message, LogFields fields) {
  std::string line = absl::StrCat("\"message\":", Quoted(message));
  for (const LogField& field : fields) {
    absl::StrAppend(&line, ",", Quoted(field.key), ":", Quoted(field.value));
  }
  return line;
}

}  // namespace perfrig
