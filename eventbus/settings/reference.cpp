#include "eventbus/settings/reference.hpp"

#include "eventbus/settings/declarations.hpp"

namespace eventbus {

namespace {

std::string allowed(const Declaration& declaration) {
    std::string text(to_string(declaration.kind));
    if (declaration.kind == SettingKind::choice) {
        text.clear();
        for (const std::string_view choice : declaration.choices)
            text.append(text.empty() ? "" : ", ").append("`").append(choice).append("`");
    }
    const bool is_number =
        declaration.kind == SettingKind::integer || declaration.kind == SettingKind::seconds;
    if (is_number && (declaration.least != 0 || declaration.most != INT64_MAX)) {
        text += declaration.most == INT64_MAX
                    ? ", at least " + std::to_string(declaration.least)
                    : ", " + std::to_string(declaration.least) + " to " + std::to_string(declaration.most);
    }
    if (declaration.secrecy == Secrecy::secret) text += ", secret";
    return text;
}

}  // namespace

std::string_view to_string(SettingKind kind) {
    switch (kind) {
        case SettingKind::text:
            return "text";
        case SettingKind::path:
            return "path";
        case SettingKind::url:
            return "URL";
        case SettingKind::topic_prefix:
            return "letters, digits, `.`, `_`, `-`";
        case SettingKind::boolean:
            return "true or false";
        case SettingKind::integer:
            return "whole number";
        case SettingKind::seconds:
            return "seconds";
        case SettingKind::choice:
            return "choice";
        case SettingKind::backend:
            return "backend";
        case SettingKind::start:
            return "`earliest`, `latest` or a time";
        case SettingKind::producer_config:
            return "object";
    }
    return "text";
}

std::string settings_reference() {
    std::string out =
        "<!-- Made from the declarations: `eventbus settings --markdown > docs/settings.md` writes it anew. "
        "-->\n"
        "# Settings\n\n"
        "Each is an environment variable, or a key of the YAML file that `EVENT_BUS_CONFIG` names; the "
        "environment wins. An empty value counts as not set. `eventbus settings` shows what is in force and "
        "from where, with passwords hidden. A name that is not known is warned about, a value that is not "
        "allowed is an error. `true`, `yes`, `on` and `1` are true, `false`, `no`, `off` and `0` false, in "
        "capitals or not; seconds may have a fraction.\n";
    std::string_view section;
    for (const Declaration* declaration : setting::all()) {
        if (declaration->section != section) {
            section = declaration->section;
            out.append("\n## ").append(section).append(
                "\n\n| name | value | default | what it does |\n|---|---|---|---|\n");
        }
        out.append("| `")
            .append(declaration->name)
            .append("` | ")
            .append(allowed(*declaration))
            .append(" | ");
        if (!declaration->fallback.empty()) out.append("`").append(declaration->fallback).append("`");
        out.append(" | ").append(declaration->text).append(" |\n");
    }
    return out;
}

}  // namespace eventbus
