#include "server/suites/template.h"

#include <algorithm>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/status/macros.h"
#include "common/strings/nearest.h"
#include "server/suites/random_data.h"
#include "server/suites/token_template.h"

namespace perfrig::suites {
namespace {

// Characters that stand for a long text where only its kind matters.
constexpr std::size_t kSample = 16;

std::int64_t Draw(std::int64_t low, std::int64_t high, std::uint64_t& random) {
  const auto start = static_cast<std::uint64_t>(low);
  // 0 where the range is all 64 bits.
  const std::uint64_t size = static_cast<std::uint64_t>(high) - start + 1;
  const std::uint64_t bits = NextRandom(random);
  return static_cast<std::int64_t>(start + (size == 0 ? bits : bits % size));
}

std::string Base64(std::size_t size, std::uint64_t& random) {
  std::string bytes;
  AppendBytes(size, random, bytes);
  return absl::Base64Escape(bytes);
}

void AppendMade(const DataMaker& maker, std::uint64_t sequence,
                std::uint64_t& random, std::string& out) {
  if (!maker.binary()) return maker.Append(sequence, random, out);
  std::string bytes;
  maker.Append(sequence, random, bytes);
  out.append(absl::Base64Escape(bytes));
}

}  // namespace

absl::StatusOr<Template> Template::Parse(std::string_view text,
                                         const TemplateScope& scope) {
  Template result;
  while (!text.empty()) {
    const std::size_t open = text.find("{{");
    result.AddLiteral(text.substr(0, open));
    if (open == std::string_view::npos) break;
    text.remove_prefix(open + 2);
    const std::size_t close = text.find("}}");
    if (close == std::string_view::npos) {
      return absl::InvalidArgumentError("{{ is not closed by }}");
    }
    RETURN_IF_ERROR(result.Add(text.substr(0, close), scope));
    text.remove_prefix(close + 2);
  }
  return result;
}

absl::Status Template::Add(std::string_view inside,
                           const TemplateScope& scope) {
  const TemplateWords words = SplitWords(inside);
  if (words.empty()) {
    return absl::InvalidArgumentError("{{ }} names no template");
  }
  const std::string& name = words[0];
  Part part;
  if (name == "random") {
    part.kind = Kind::kRandom;
    return AddRandom(words, std::move(part));
  }
  if (name == "text" || name == "bytes") {
    part.kind = name == "text" ? Kind::kText : Kind::kBytes;
    return AddSized(words, std::move(part));
  }
  if (name == "zipf") return AddMade(MakeZipf(words));
  if (name == "file") return AddMade(MakeFile(words));
  if (name == "csv") return AddMade(MakeCsv(words, scope.supplied));
  if (name == "jwt") return AddToken(words, scope);
  if (name == "env") return AddVariable(words, scope);
  return AddOther(words, scope);
}

absl::Status Template::AddRandom(const TemplateWords& words, Part part) {
  const auto low = WholeNumber(words.size() == 3 ? words[1] : "");
  const auto high = WholeNumber(words.size() == 3 ? words[2] : "");
  if (!low.has_value() || !high.has_value()) {
    return absl::InvalidArgumentError(
        "{{random}} needs two whole numbers: {{random 1 100}}");
  }
  if (*low > *high) {
    return absl::InvalidArgumentError(absl::StrCat(
        "{{random}} needs its smaller number first, got ", *low, " ", *high));
  }
  part.low = *low;
  part.high = *high;
  parts_.push_back(std::move(part));
  return absl::OkStatus();
}

absl::Status Template::AddSized(const TemplateWords& words, Part part) {
  const std::string& name = words[0];
  if (words.size() != 2) {
    return absl::InvalidArgumentError(
        absl::StrCat("{{", name, "}} needs a size: {{", name, " 10KB}}"));
  }
  ASSIGN_OR_RETURN(part.size, SizeOf(words));
  parts_.push_back(std::move(part));
  return absl::OkStatus();
}

absl::Status Template::AddToken(const TemplateWords& words,
                                const TemplateScope& scope) {
  ASSIGN_OR_RETURN(const TokenTemplate token, TokenTemplate::Parse(words));
  if (scope.supplied != nullptr) {
    RETURN_IF_ERROR(token.CheckKey(*scope.supplied));
  }
  if (scope.supplied == nullptr || !scope.takes_values) {
    predictable_ = false;
    return absl::OkStatus();
  }
  AddLiteral(token.Sign(*scope.supplied));
  return absl::OkStatus();
}

absl::Status Template::AddVariable(const TemplateWords& words,
                                   const TemplateScope& scope) {
  if (words.size() != 2) {
    return absl::InvalidArgumentError("{{env}} needs a name: {{env TOKEN}}");
  }
  if (scope.supplied != nullptr &&
      !scope.supplied->variables.contains(words[1])) {
    return absl::InvalidArgumentError(absl::StrCat(
        "{{env ", words[1], "}}: the variable ", words[1], " is not set"));
  }
  if (scope.supplied == nullptr || !scope.takes_values) {
    predictable_ = false;
    return absl::OkStatus();
  }
  AddLiteral(scope.supplied->variables.at(words[1]));
  return absl::OkStatus();
}

absl::Status Template::AddOther(const TemplateWords& words,
                                const TemplateScope& scope) {
  const std::string& name = words[0];
  Part part;
  const auto capture =
      std::find(scope.captures.begin(), scope.captures.end(), name);
  if (name == "seq") {
    part.kind = Kind::kSequence;
  } else if (name == "uuid") {
    part.kind = Kind::kUuid;
  } else if (capture != scope.captures.end()) {
    part.kind = Kind::kCaptured;
    part.index = static_cast<std::size_t>(capture - scope.captures.begin());
    predictable_ = false;
  } else {
    std::vector<std::string> names = scope.captures;
    names.insert(names.end(), {"seq", "uuid", "random", "zipf", "text", "bytes",
                               "file", "csv", "jwt", "env"});
    return absl::InvalidArgumentError(absl::StrCat(
        "unknown template \"", name, "\"", DidYouMean(name, names)));
  }
  if (words.size() > 1) {
    return absl::InvalidArgumentError(
        absl::StrCat("{{", name, "}} takes no argument, got ", words[1]));
  }
  if (part.kind == Kind::kCaptured && scope.supplied != nullptr) {
    const auto& known = scope.supplied->captured;
    if (const auto value = known.find(name); value != known.end()) {
      AddLiteral(value->second);
      return absl::OkStatus();
    }
  }
  parts_.push_back(std::move(part));
  return absl::OkStatus();
}

absl::Status Template::AddMade(MadeData made) {
  RETURN_IF_ERROR(made.status());
  Part part;
  part.kind = Kind::kMade;
  part.maker = *std::move(made);
  if (part.maker != nullptr) {
    parts_.push_back(std::move(part));
  } else {
    predictable_ = false;
  }
  return absl::OkStatus();
}

void Template::AddLiteral(std::string_view text) {
  if (text.empty()) return;
  if (parts_.empty() || parts_.back().kind != Kind::kLiteral) {
    parts_.emplace_back();
  }
  parts_.back().literal.append(text);
}

bool Template::constant() const {
  return std::all_of(parts_.begin(), parts_.end(), [](const Part& part) {
    return part.kind == Kind::kLiteral;
  });
}

bool Template::raw() const {
  if (parts_.size() != 1) return false;
  const Part& part = parts_[0];
  return part.kind == Kind::kBytes || part.kind == Kind::kText ||
         (part.kind == Kind::kMade && part.maker->raw());
}

void Template::Append(const RenderContext& context, std::string& out) const {
  std::uint64_t own = context.sequence;
  std::uint64_t& random = context.random != nullptr ? *context.random : own;
  for (const Part& part : parts_) {
    switch (part.kind) {
      case Kind::kLiteral:
        out.append(part.literal);
        break;
      case Kind::kSequence:
        absl::StrAppend(&out, context.sequence);
        break;
      case Kind::kUuid:
        AppendUuid(random, out);
        break;
      case Kind::kRandom:
        absl::StrAppend(&out, Draw(part.low, part.high, random));
        break;
      case Kind::kText:
        AppendText(part.size, random, out);
        break;
      case Kind::kBytes:
        out.append(Base64(part.size, random));
        break;
      case Kind::kMade:
        AppendMade(*part.maker, context.sequence, random, out);
        break;
      case Kind::kCaptured:
        if (context.captured != nullptr &&
            part.index < context.captured->size()) {
          out.append((*context.captured)[part.index]);
        }
        break;
    }
  }
}

void Template::AppendRaw(const RenderContext& context, std::string& out) const {
  std::uint64_t own = context.sequence;
  std::uint64_t& random = context.random != nullptr ? *context.random : own;
  const Part& part = parts_.front();
  if (part.kind == Kind::kMade) {
    part.maker->Append(context.sequence, random, out);
  } else if (part.kind == Kind::kBytes) {
    AppendBytes(part.size, random, out);
  } else {
    AppendText(part.size, random, out);
  }
}

std::string Template::Sample(bool greatest) const {
  std::string out;
  std::uint64_t zero = 0;
  for (const Part& part : parts_) {
    switch (part.kind) {
      case Kind::kLiteral:
        out.append(part.literal);
        break;
      case Kind::kSequence:
        out.append(greatest ? "1000000" : "0");
        break;
      case Kind::kUuid:
        AppendUuid(zero, out);
        break;
      case Kind::kRandom:
        absl::StrAppend(&out, greatest ? part.high : part.low);
        break;
      case Kind::kText:
        out.append(std::min(part.size, kSample), 'x');
        break;
      case Kind::kBytes:
        out.append(
            absl::Base64Escape(std::string(std::min(part.size, kSample), 'x')));
        break;
      case Kind::kMade: {
        const std::string sample = part.maker->Sample(greatest);
        out.append(part.maker->binary() ? absl::Base64Escape(sample) : sample);
        break;
      }
      case Kind::kCaptured:
        break;
    }
  }
  return out;
}

}  // namespace perfrig::suites
