#include <cerrno>
#include <cstdio>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "client/commands/commands.h"
#include "client/daemon/reflected_method.h"
#include "client/flags/values.h"
#include "client/views/suite_draft.h"
#include "common/status/macros.h"

namespace perfrig {
namespace {

struct Options {
  std::string file;
  // Address and method.
  std::vector<std::string> reflection;
};

// Never over what is there: it may be somebody's work.
absl::Status WriteNew(const std::string& path, const std::string& text) {
  // "x": only where there is no such file.
  std::FILE* file = std::fopen(path.c_str(), "wxe");
  if (file == nullptr) {
    return absl::InvalidArgumentError(absl::StrCat(
        path, errno == EEXIST ? ": is there already; name another file"
                              : absl::StrCat(": cannot be written: ",
                                             std::strerror(errno))));
  }
  const bool written =
      std::fwrite(text.data(), 1, text.size(), file) == text.size();
  if (std::fclose(file) == 0 && written) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat(path, ": cannot be written whole"));
}

absl::StatusOr<std::string> Draft(const Context& context,
                                  const Options& options) {
  if (options.reflection.empty()) {
    return DraftSuite(options.file, "self", nullptr);
  }
  const std::string& address = options.reflection[0];
  if (const absl::Status checked = CheckAddress(address); !checked.ok()) {
    return Named("--from-reflection", checked);
  }
  ASSIGN_OR_RETURN(
      const auto method,
      ReflectedMethod::Find(context.clock, address, options.reflection[1]));
  return DraftSuite(options.file, address, &method->descriptor());
}

int New(const Context& context, const Options& options) {
  const auto text = Draft(context, options);
  if (!text.ok()) return FailUsage(context, text.status());
  const absl::Status written = WriteNew(options.file, *text);
  if (!written.ok()) return FailUsage(context, written);
  context.out << options.file << " is written; next: perfrig check "
              << options.file << "\n";
  return 0;
}

}  // namespace

void AddNew(CLI::App& app, Context& context) {
  auto options = std::make_shared<Options>();
  CLI::App* command =
      app.add_subcommand("new", "Write a suite to start from into a new file");
  command->add_option("file", options->file, "FILE.yaml")->required();
  command
      ->add_option("--from-reflection", options->reflection,
                   "HOST:PORT pkg.Service/Method: a call of this method, its "
                   "request filled in")
      ->expected(2);
  command->callback([&context, options] {
    context.chosen = [&context, options] { return New(context, *options); };
  });
}

}  // namespace perfrig
