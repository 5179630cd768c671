#include "server/local/request_calls.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/cache/cache.h"
#include "server/local/cached_function.h"
#include "server/local/function_with_options.h"
#include "server/local/keep.h"

namespace perfrig::local {
namespace {

using drivers::LocalCall;
using drivers::LocalFunction;
using drivers::LocalScope;

constexpr std::string_view kTextToEncode =
    "orders/of customer?tenant=17&page=1&filter={open,paid}#newest";

// A function without data whose work is `Work`.
template <class Work>
LocalFunction Plain(std::function<Work()> make) {
  class Call final : public LocalCall {
   public:
    explicit Call(Work work) : work_(std::move(work)) {}
    absl::Status Run() override {
      work_();
      return absl::OkStatus();
    }

   private:
    Work work_;
  };
  return FunctionWithOptions<NoSettings>(
      ReadNothing,
      [make = std::move(make)](const NoSettings&, std::string_view, LocalScope&)
          -> MadeCall { return std::make_unique<Call>(make()); });
}

// What is known of the request that a thread is at work for.
struct RequestContext {
  std::string tenant = "tenant-17";
  std::uint64_t number = 0;
};

// Set for as long as this lives.
class CurrentRequest {
 public:
  explicit CurrentRequest(const RequestContext& context)
      : before_(std::exchange(current_, &context)) {}
  ~CurrentRequest() { current_ = before_; }

  CurrentRequest(const CurrentRequest&) = delete;
  CurrentRequest& operator=(const CurrentRequest&) = delete;

  // Null between requests.
  static const RequestContext* Get() { return current_; }

 private:
  // Code of any depth asks for it without having been handed it.
  static thread_local const RequestContext* current_;

  const RequestContext* const before_;
};

thread_local const RequestContext* CurrentRequest::current_ = nullptr;

class ContextCall final : public LocalCall {
 public:
  // Here, and not when it is made: on the thread that runs it.
  absl::Status Prepare() override {
    ++context_.number;
    current_.emplace(context_);
    return absl::OkStatus();
  }
  absl::Status Run() override {
    const RequestContext* const context = CurrentRequest::Get();
    Keep(context->tenant);
    return absl::OkStatus();
  }
  void Tell(Nanos, drivers::LocalTrailers&) override { current_.reset(); }

 private:
  RequestContext context_;
  std::optional<CurrentRequest> current_;
};

// The cache as one request sees it.
class RequestCache {
 public:
  RequestCache(std::shared_ptr<cache::Cache> cache, std::string_view tenant)
      : cache_(std::move(cache)),
        prefix_(absl::StrCat(std::string(tenant), "/requests/")) {}

  [[nodiscard]] cache::Cache& shared() const { return *cache_; }
  [[nodiscard]] const std::string& prefix() const { return prefix_; }

 private:
  // Requests may outlive whoever made the cache.
  const std::shared_ptr<cache::Cache> cache_;
  const std::string prefix_;
};

}  // namespace

std::string UrlEncode(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string encoded;
  encoded.reserve(2 * text.size());
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                       (c >= '0' && c <= '9') || c == '-' || c == '.' ||
                       c == '_' || c == '~';
    if (plain) {
      encoded += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    encoded += '%';
    encoded += kDigits[byte >> 4];
    encoded += kDigits[byte & 15];
  }
  return encoded;
}

LocalFunction KeyMake() {
  const auto make = [] {
    return [arguments = MakeArguments(4'711)] {
      Keep(MakeKey("orders.of_customer", arguments));
    };
  };
  return Plain<decltype(make())>(make);
}

LocalFunction WrapperCreate(const LocalParts& parts) {
  const auto make = [parts] {
    return [cache = cache::Cache::Create(
                {}, {.clock = parts.clock, .delays = parts.delays})] {
      const auto own = std::make_unique<RequestCache>(cache, "tenant-17");
      Keep(own->shared());
      Keep(own->prefix());
    };
  };
  return Plain<decltype(make())>(make);
}

LocalFunction ContextGet() {
  return FunctionWithOptions<NoSettings>(
      ReadNothing,
      [](const NoSettings&, std::string_view, LocalScope&) -> MadeCall {
        return std::make_unique<ContextCall>();
      });
}

LocalFunction UrlEncodeCall() {
  const auto make = [] { return [] { Keep(UrlEncode(kTextToEncode)); }; };
  return Plain<decltype(make())>(make);
}

}  // namespace perfrig::local
