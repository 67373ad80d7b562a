#include <algorithm>
#include <set>

#include "eventbus/command/output.hpp"
#include "program.hpp"

namespace eventbus::app {

namespace {

// What the shell offers after a flag, or as a word of its own.
struct Words {
    /// The command's words below `eventbus`: `topics create`; empty for the program itself.
    std::string path;
    std::vector<std::string> commands;
    std::vector<std::string> flags;
    std::vector<std::string> flags_with_value;
    std::string description;
    bool takes_event = false;
};

std::string joined(const std::vector<std::string>& words) {
    std::string text;
    for (const std::string& word : words) text.append(text.empty() ? "" : " ").append(word);
    return text;
}

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

bool takes_value(const CLI::Option& option) { return option.get_items_expected_max() > 0; }

// The command and all below it. A flag of the program itself can stand behind any command.
void collect(std::vector<Words>& all, const CLI::App& app, const std::string& path,
             const std::vector<std::string>& inherited,
             const std::vector<std::string>& inherited_with_value) {
    Words words{path, {}, inherited, inherited_with_value, first_line(app.get_description()), false};
    for (const CLI::Option* option : app.get_options()) {
        std::vector<std::string> names;
        for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
        for (const std::string& name : option->get_snames()) names.push_back("-" + name);
        words.flags.insert(words.flags.end(), names.begin(), names.end());
        if (takes_value(*option))
            words.flags_with_value.insert(words.flags_with_value.end(), names.begin(), names.end());
        if (option->get_positional() && option->get_type_name() == "TYPE") words.takes_event = true;
    }
    std::sort(words.flags.begin(), words.flags.end());
    words.flags.erase(std::unique(words.flags.begin(), words.flags.end()), words.flags.end());
    const auto commands = app.get_subcommands([](const CLI::App*) { return true; });
    for (const CLI::App* command : commands) words.commands.push_back(command->get_name());
    all.push_back(words);
    for (const CLI::App* command : commands)
        collect(all, *command, path + (path.empty() ? "" : " ") + command->get_name(), words.flags,
                words.flags_with_value);
}

std::vector<Words> words_of(const CLI::App& app) {
    std::vector<Words> all;
    collect(all, app, "", {}, {});
    return all;
}

std::string event_names() {
    std::set<std::string> names;
    for (const EventType* type : openedx_catalogue().all()) {
        names.emplace(type->type);
        names.emplace(type->constant);
    }
    return joined({names.begin(), names.end()});
}

constexpr std::string_view formats = "text json";
constexpr std::string_view reasons = "failed rejected unusable parked";
constexpr std::string_view shells = "bash zsh fish";

std::string levels() { return joined({setting::log_levels.begin(), setting::log_levels.end()}); }

std::string with_value(const std::vector<Words>& all) {
    std::set<std::string> flags;
    for (const Words& words : all) flags.insert(words.flags_with_value.begin(), words.flags_with_value.end());
    std::string pattern;
    for (const std::string& flag : flags) pattern.append(pattern.empty() ? "" : "|").append(flag);
    return pattern;
}

std::string path_pattern(const std::vector<Words>& all) {
    std::string pattern;
    for (const Words& words : all)
        if (!words.path.empty()) pattern.append(pattern.empty() ? "" : "|").append("\"" + words.path + "\"");
    return pattern;
}

// Walks the words before the cursor to find the command, then offers what belongs to it.
std::string bash_function(const std::vector<Words>& all) {
    std::string text =
        "_eventbus() {\n"
        "    local word=\"${COMP_WORDS[COMP_CWORD]}\" before=\"${COMP_WORDS[COMP_CWORD-1]}\"\n"
        "    local command=\"\" i next\n"
        "    for ((i = 1; i < COMP_CWORD; i++)); do\n"
        "        case \"${COMP_WORDS[i]}\" in " +
        with_value(all) +
        ") ((i++)); continue ;; esac\n"
        "        next=\"${command:+$command }${COMP_WORDS[i]}\"\n"
        "        case \"$next\" in " +
        path_pattern(all) +
        ") command=\"$next\" ;; esac\n"
        "    done\n"
        "    local events=\"" +
        event_names() +
        "\"\n"
        "    case \"$before\" in\n"
        "        -o|--output) COMPREPLY=($(compgen -W \"" +
        std::string(formats) +
        "\" -- \"$word\")); return ;;\n"
        "        --log-level) COMPREPLY=($(compgen -W \"" +
        levels() +
        "\" -- \"$word\")); return ;;\n"
        "        --signal|--type) COMPREPLY=($(compgen -W \"$events\" -- \"$word\")); return ;;\n"
        "        --reason) COMPREPLY=($(compgen -W \"" +
        std::string(reasons) +
        "\" -- \"$word\")); return ;;\n"
        "        --file) COMPREPLY=($(compgen -f -- \"$word\")); return ;;\n"
        "        --directory) COMPREPLY=($(compgen -d -- \"$word\")); return ;;\n"
        "        --exec|--pipe) COMPREPLY=($(compgen -c -- \"$word\")); return ;;\n"
        "        " +
        with_value(all) +
        ") COMPREPLY=(); return ;;\n"
        "    esac\n"
        "    local words=\"\"\n"
        "    case \"$command\" in\n";
    for (const Words& words : all) {
        std::string offered = joined(words.commands);
        if (words.takes_event) offered = "$events";
        if (words.path == "completion") offered = shells;
        text += "        \"" + words.path + "\") words=\"" + offered + "\"; [[ $word == -* ]] && words=\"" +
                joined(words.flags) + "\" ;;\n";
    }
    return text + "    esac\n    COMPREPLY=($(compgen -W \"$words\" -- \"$word\"))\n}\n";
}

std::string bash_script(const std::vector<Words>& all) {
    return "# Completion of eventbus for bash: eval \"$(eventbus completion bash)\"\n" + bash_function(all) +
           "complete -F _eventbus eventbus\n";
}

// zsh runs bash's function.
std::string zsh_script(const std::vector<Words>& all) {
    return "#compdef eventbus\n# Completion of eventbus for zsh: eval \"$(eventbus completion zsh)\"\n"
           "autoload -U +X bashcompinit && bashcompinit\n" +
           bash_function(all) + "complete -F _eventbus eventbus\n";
}

std::string fish_quoted(const std::string& text) {
    std::string out = "'";
    for (const char c : text) {
        if (c == '\'' || c == '\\') out += '\\';
        out += c;
    }
    return out + "'";
}

// In fish a command is offered when the words so far name its parent and none of the parent's commands.
std::string fish_condition(const Words& words) {
    std::string condition;
    std::string path = words.path;
    while (!path.empty()) {
        const std::size_t space = path.find(' ');
        condition += "__fish_seen_subcommand_from " + path.substr(0, space) + "; and ";
        path = space == std::string::npos ? "" : path.substr(space + 1);
    }
    if (words.commands.empty())
        return condition.substr(0, condition.size() - std::string_view("; and ").size());
    return condition + "not __fish_seen_subcommand_from " + joined(words.commands);
}

bool contains(const std::vector<std::string>& words, const std::string& word) {
    return std::find(words.begin(), words.end(), word) != words.end();
}

// The name of a command that stands directly below another; empty for any other command.
std::string name_below(const Words& parent, const Words& command) {
    const std::string prefix = parent.path.empty() ? "" : parent.path + " ";
    if (!command.path.starts_with(prefix)) return {};
    const std::string name = command.path.substr(prefix.size());
    return name.find(' ') == std::string::npos ? name : std::string();
}

std::string fish_flag(const Words& words, const std::string& flag) {
    std::string text = flag.starts_with("--") ? "-l " + flag.substr(2) : "-s " + flag.substr(1);
    if (contains(words.flags_with_value, flag)) text += " -r";
    if (flag == "--signal" || flag == "--type") text += " -a " + fish_quoted(event_names());
    if (flag == "-o" || flag == "--output") text += " -a " + fish_quoted(std::string(formats));
    if (flag == "--reason") text += " -a " + fish_quoted(std::string(reasons));
    if (flag == "--log-level") text += " -a " + fish_quoted(levels());
    return text;
}

void append_fish_lines(std::string& text, const std::vector<Words>& all, const Words& words) {
    const std::string start = "complete -c eventbus -n " + fish_quoted(fish_condition(words));
    const auto offer = [&](const std::string& what) {
        text.append(start).append(" ").append(what).append("\n");
    };
    for (const Words& below : all)
        if (const std::string name = name_below(words, below); !name.empty())
            offer("-a " + name + " -d " + fish_quoted(below.description));
    for (const std::string& flag : words.flags) offer(fish_flag(words, flag));
    if (words.takes_event) offer("-a " + fish_quoted(event_names()));
    if (words.path == "completion") offer("-a " + fish_quoted(std::string(shells)));
}

std::string fish_script(const std::vector<Words>& all) {
    std::string text =
        "# Completion of eventbus for fish: eventbus completion fish | source\ncomplete -c eventbus -f\n";
    for (const Words& words : all) append_fish_lines(text, all, words);
    return text;
}

ExitCode print_script(Program& program, const std::string& shell) {
    const auto all = words_of(program.app());
    std::string script = shell == "bash"  ? bash_script(all)
                         : shell == "zsh" ? zsh_script(all)
                                          : fish_script(all);
    script.pop_back();
    Output out;
    out.line(script);
    out.flush();
    return ExitCode::ok;
}

}  // namespace

void add_completion(Program& program) {
    auto shell = std::make_shared<std::string>();
    CLI::App& command =
        program.add(program.app(), "completion", "Prints a script that completes commands in a shell",
                    "  eval \"$(eventbus completion bash)\"\n"
                    "  eventbus completion fish | source",
                    [shell, &program] { return print_script(program, *shell); });
    command.add_option("shell", *shell, "bash, zsh or fish")
        ->type_name("SHELL")
        ->required()
        ->check(CLI::IsMember({"bash", "zsh", "fish"}).description(""));
}

}  // namespace eventbus::app
