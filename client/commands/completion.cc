#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/commands/commands.h"
#include "client/commands/completion_script.h"

namespace perfrig {
namespace {

constexpr char kEnd[] = R"sh(
  if [[ $cur == -* ]]; then
    COMPREPLY=($(compgen -W "$words" -- "$cur"))
    return
  fi
  case "$path" in
    run) words="$words $(perfrig list --names 2>/dev/null)"
         COMPREPLY=($(compgen -f -W "$words" -- "$cur")) ;;
    list) words="$words $(perfrig list --names 2>/dev/null)"
          COMPREPLY=($(compgen -W "$words" -- "$cur")) ;;
    show) words=$(perfrig list --names 2>/dev/null)
          COMPREPLY=($(compgen -W "$words" -- "$cur")) ;;
    check | new) COMPREPLY=($(compgen -f -- "$cur")) ;;
    *) COMPREPLY=($(compgen -W "$words" -- "$cur")) ;;
  esac
}
complete -o filenames -F _perfrig perfrig
)sh";

// Subcommands and long flags that may follow `app`.
std::string WordsOf(const CLI::App& app) {
  std::vector<std::string> words;
  for (const CLI::App* command : app.get_subcommands(nullptr)) {
    words.push_back(command->get_name());
  }
  for (const CLI::App* level = &app; level != nullptr;
       level = level->get_parent()) {
    for (const CLI::Option* option : level->get_options()) {
      for (const std::string& name : option->get_lnames()) {
        words.push_back("--" + name);
      }
    }
  }
  return absl::StrJoin(words, " ");
}

void AppendCases(const CLI::App& app, const std::string& path,
                 std::string& text) {
  absl::StrAppend(&text, "    \"", path, "\") words=\"", WordsOf(app),
                  "\" ;;\n");
  for (const CLI::App* command : app.get_subcommands(nullptr)) {
    AppendCases(
        *command,
        absl::StrCat(path, path.empty() ? "" : " ", command->get_name()), text);
  }
}

int Completion(const Context& context, const CLI::App& app,
               const std::string& shell) {
  context.out << CompletionScript(app, shell == "zsh");
  return 0;
}

}  // namespace

std::string CompletionScript(const CLI::App& app, bool zsh) {
  std::string commands;
  for (const CLI::App* command : app.get_subcommands(nullptr)) {
    absl::StrAppend(&commands, commands.empty() ? "" : "|",
                    command->get_name());
    for (const CLI::App* inner : command->get_subcommands(nullptr)) {
      absl::StrAppend(&commands, "|", command->get_name(), "\\ ",
                      inner->get_name());
    }
  }
  std::string text = zsh ? "autoload -U +X bashcompinit && bashcompinit\n" : "";
  // `path` is the command typed so far: words that lead to a command.
  absl::StrAppend(&text, R"sh(_perfrig() {
  local cur=${COMP_WORDS[COMP_CWORD]} path="" words="" word i
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=${COMP_WORDS[i]}
    case "${path:+$path }$word" in
      )sh",
                  commands, R"sh() path="${path:+$path }$word" ;;
    esac
  done
  case "$path" in
)sh");
  AppendCases(app, "", text);
  absl::StrAppend(&text, "  esac", kEnd);
  return text;
}

void AddCompletion(CLI::App& app, Context& context) {
  auto shell = std::make_shared<std::string>();
  CLI::App* command = app.add_subcommand(
      "completion", "A script: source <(perfrig completion bash)");
  command->add_option("shell", *shell, "bash or zsh")
      ->required()
      ->check(CLI::IsMember({"bash", "zsh"}));
  command->callback([&app, &context, shell] {
    context.chosen = [&app, &context, shell] {
      return Completion(context, app, *shell);
    };
  });
}

}  // namespace perfrig
