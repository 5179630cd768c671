#include "server/suites/check_call_options.h"

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/checks/ranges.h"
#include "common/status/code_names.h"
#include "common/strings/nearest.h"
#include "server/suites/limits.h"
#include "server/suites/message_chunks.h"

namespace perfrig::suites {
namespace {

using google::protobuf::MethodDescriptor;

class OptionsChecker {
 public:
  OptionsChecker(const v1::Call& call, const MethodDescriptor* method,
                 const std::string& field, std::vector<FieldProblem>& problems)
      : call_(call), method_(method), field_(field), problems_(problems) {}

  void Check() {
    if (call_.has_retry()) CheckRetry();
    CheckCompression();
    if (call_.has_messages()) CheckMessages();
    if (call_.has_read_delay()) {
      CheckDuration(call_.read_delay(), {}, field_ + ".read_delay", problems_);
    }
    if (call_.method().starts_with("local:")) RefuseRemote();
  }

 private:
  void CheckCompression() {
    if (v1::Compression_IsValid(call_.compression())) return;
    Add("compression", absl::StrCat("must be gzip, got ",
                                    static_cast<int>(call_.compression())));
  }

  void CheckRetry() {
    const v1::Retry& retry = call_.retry();
    if (retry.attempts() == 0) {
      Add("retry", "needs attempts, such as attempts: 3");
    } else {
      Range("retry.attempts", retry.attempts(),
            {kLeastAttempts, kMostAttempts});
    }
    if (retry.has_backoff()) {
      CheckDuration(retry.backoff(),
                    {absl::ZeroDuration(), absl::Hours(1), true},
                    field_ + ".retry.backoff", problems_);
    }
    if (retry.has_longest()) {
      CheckDuration(retry.longest(),
                    {absl::ZeroDuration(), absl::Hours(1), true},
                    field_ + ".retry.longest", problems_);
    }
    if (retry.factor() != 0) {
      Range("retry.factor", retry.factor(), {1, kMostBackoffFactor});
    }
    if (retry.has_jitter()) Range("retry.jitter", retry.jitter(), {0, 1});
    for (int i = 0; i < retry.status_size(); ++i) {
      CheckRetriedStatus(retry.status(i),
                         absl::StrCat("retry.status[", i, "]"));
    }
  }

  void CheckRetriedStatus(const std::string& status, const std::string& name) {
    const std::optional<int> code = StatusCode(status);
    if (!code) {
      const std::vector<std::string> names(kStatusNames.begin(),
                                           kStatusNames.end());
      Add(name, absl::StrCat("unknown status \"", status, "\"",
                             DidYouMean(status, names)));
    } else if (*code == 0) {
      Add(name, "must be no OK: such a call has succeeded");
    }
  }

  void CheckMessages() {
    const v1::Messages& messages = call_.messages();
    Range("messages.count", messages.count(), {0, kMostMessages});
    if (messages.has_every()) {
      CheckDuration(messages.every(), {}, field_ + ".messages.every",
                    problems_);
    }
    Range("messages.chunk", static_cast<double>(messages.chunk_bytes()),
          {0, kMostChunkBytes});
    if (method_ == nullptr) return;
    const google::protobuf::Descriptor& type = *method_->input_type();
    if (!method_->client_streaming()) {
      Add("messages", absl::StrCat("must not be set: ", call_.method(),
                                   " takes one message"));
    } else if (messages.chunk_bytes() > 0 && BytesFieldOf(type) == nullptr) {
      Add("messages.chunk", absl::StrCat("must not be set: ", type.full_name(),
                                         " has no single field of bytes"));
    }
  }

  // What only calls over a network have.
  void RefuseRemote() {
    const char* reason = "must not be set: a local call goes over no network";
    if (call_.compression() != v1::COMPRESSION_UNSPECIFIED) {
      Add("compression", reason);
    }
    if (call_.has_messages()) Add("messages", reason);
    if (call_.has_read_delay()) Add("read_delay", reason);
  }

  void Range(const std::string& name, double value, const NumberRange& range) {
    CheckNumber(value, range, absl::StrCat(field_, ".", name), problems_);
  }
  void Add(const std::string& name, std::string message) {
    problems_.push_back({absl::StrCat(field_, ".", name), std::move(message)});
  }

  const v1::Call& call_;
  const MethodDescriptor* const method_;
  const std::string& field_;
  std::vector<FieldProblem>& problems_;
};

}  // namespace

void CheckCallOptions(const v1::Call& call, const MethodDescriptor* method,
                      const std::string& field,
                      std::vector<FieldProblem>& problems) {
  OptionsChecker(call, method, field, problems).Check();
}

}  // namespace perfrig::suites
