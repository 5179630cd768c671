#include "client/commands/progress.h"

#include "client/terminal/screen.h"
#include "client/views/live_view.h"
#include "client/views/plain_log.h"

namespace perfrig {
namespace {

class LiveProgress final : public Progress {
 public:
  explicit LiveProgress(const Context& context)
      : context_(context),
        view_(context.terminal.style),
        screen_(context.out) {}

  void Apply(const v1::RunEvent& event) override {
    Draw(view_.Apply(event, context_.columns()));
  }

  void Notice(const std::string& notice) override {
    view_.SetNotice(notice);
    Draw({});
  }

  void Resize() override { Draw({}); }

 private:
  void Draw(const std::vector<std::string>& lasting) {
    const int columns = context_.columns();
    screen_.Draw(lasting, view_.Frame(columns), columns);
  }

  const Context& context_;
  LiveView view_;
  Screen screen_;
};

class PlainProgress final : public Progress {
 public:
  explicit PlainProgress(const Context& context)
      : out_(context.out), log_(context.terminal.style) {}

  void Apply(const v1::RunEvent& event) override {
    for (const std::string& line : log_.Apply(event)) out_ << line << "\n";
    out_ << std::flush;
  }

  void Notice(const std::string& notice) override {
    if (!notice.empty()) out_ << notice << "\n" << std::flush;
  }

 private:
  std::ostream& out_;
  PlainLog log_;
};

class NoProgress final : public Progress {
 public:
  void Apply(const v1::RunEvent& /*event*/) override {}
  void Notice(const std::string& /*notice*/) override {}
};

}  // namespace

std::unique_ptr<Progress> MakeProgress(const Context& context) {
  if (context.json) return std::make_unique<NoProgress>();
  if (context.terminal.live) return std::make_unique<LiveProgress>(context);
  return std::make_unique<PlainProgress>(context);
}

}  // namespace perfrig
