#include "format.hpp"

#include <unistd.h>

#include <algorithm>
#include <map>

#include "eventbus/command/terminal.hpp"

namespace eventbus::app {

namespace {

// Characters, not bytes, so that columns stand straight.
std::size_t columns_of(const std::string& text) {
    constexpr unsigned char mask = 0xC0;
    constexpr unsigned char continuation = 0x80;
    return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
        return (static_cast<unsigned char>(c) & mask) != continuation;
    }));
}

}  // namespace

void add_format_option(CLI::App& command, Format& format) {
    static const std::map<std::string, Format> names{{"text", Format::text}, {"json", Format::json}};
    command.add_option("-o,--output", format, "text for people (default), json for one JSON object a line")
        ->type_name("text|json")
        ->transform(CLI::CheckedTransformer(names).description(""));
}

void print(Output& out, const Json& object) {
    out.line(object.dump(-1, ' ', false, Json::error_handler_t::replace));
}

void Table::print(Output& out) const {
    std::vector<std::size_t> widths(rows_.front().size(), 0);
    for (const auto& row : rows_)
        for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], columns_of(row[i]));
    bool is_heading = shows_colour(STDOUT_FILENO);
    for (const auto& row : rows_) {
        std::string line;
        for (std::size_t i = 0; i < row.size(); ++i) {
            line += row[i];
            if (i + 1 < row.size()) line.append(widths[i] - columns_of(row[i]) + 2, ' ');
        }
        line.erase(line.find_last_not_of(' ') + 1);
        out.line(is_heading ? "\x1b[1m" + line + "\x1b[0m" : line);
        is_heading = false;
    }
}

}  // namespace eventbus::app
