#include "eventbus/settings/reference.hpp"
#include "format.hpp"
#include "program.hpp"

namespace eventbus::app {

namespace {

struct SettingsArguments {
    Format format = Format::text;
    bool markdown = false;
};

std::string_view source_name(SettingSource source) {
    switch (source) {
        case SettingSource::fallback:
            return "default";
        case SettingSource::file:
            return "file";
        case SettingSource::environment:
            return "environment";
        case SettingSource::code:
            return "command line";
    }
    return "default";
}

std::string where(const SettingView& view) {
    if (view.source == SettingSource::file) return view.where;
    if (view.source == SettingSource::fallback && !view.value) return "not set";
    return std::string(source_name(view.source));
}

// Breaks a text into lines of at most `width` columns, each indented.
void print_wrapped(Output& out, std::string_view text, std::size_t width) {
    constexpr std::string_view indent = "    ";
    while (!text.empty()) {
        std::size_t end = text.size() > width ? text.rfind(' ', width) : text.size();
        if (end == std::string_view::npos) end = text.find(' ');
        end = std::min(end, text.size());
        out.line(std::string(indent) + std::string(text.substr(0, end)));
        text.remove_prefix(std::min(text.size(), end + 1));
    }
}

void print_text(Output& out, const Settings& settings) {
    constexpr std::size_t width = 96;
    std::string_view section;
    for (const SettingView& view : settings.view()) {
        const Declaration& declaration = *view.declaration;
        if (declaration.section != section) {
            out.line((section.empty() ? "" : "\n") + std::string(declaration.section));
            section = declaration.section;
        }
        out.line("  " + std::string(declaration.name) + (view.value ? " = " + *view.value : "") + "  (" +
                 where(view) + ")");
        print_wrapped(out, declaration.text, width);
    }
}

void print_json(Output& out, const Settings& settings) {
    for (const SettingView& view : settings.view()) {
        const Declaration& declaration = *view.declaration;
        print(out, {{"name", declaration.name},
                    {"value", view.value ? Json(*view.value) : Json()},
                    {"source", source_name(view.source)},
                    {"where", view.where},
                    {"default", declaration.fallback},
                    {"kind", to_string(declaration.kind)},
                    {"secret", declaration.secrecy == Secrecy::secret},
                    {"section", declaration.section},
                    {"text", declaration.text}});
    }
}

}  // namespace

void add_settings(Program& program) {
    auto arguments = std::make_shared<SettingsArguments>();
    CLI::App& command =
        program.add(program.app(), "settings",
                    "Prints every setting: what it does, its value in force, and where that comes from; "
                    "secrets are hidden",
                    "  eventbus settings\n"
                    "  eventbus settings -o json | jq -r 'select(.source != \"default\") | .name'",
                    [arguments, &program] {
                        Output out;
                        if (arguments->markdown) {
                            std::string text = settings_reference();
                            if (text.ends_with('\n')) text.pop_back();
                            out.line(text);
                        } else if (arguments->format == Format::json) {
                            print_json(out, program.settings());
                        } else {
                            print_text(out, program.settings());
                        }
                        out.flush();
                        return ExitCode::ok;
                    });
    add_format_option(command, arguments->format);
    command.add_flag("--markdown", arguments->markdown,
                     "Print the reference of all settings as Markdown: what docs/settings.md holds");
}

}  // namespace eventbus::app
