#pragma once

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "eventbus/broker/position.hpp"
#include "eventbus/command/output.hpp"

namespace eventbus::app {

/// For people, or one JSON object a line for programs.
enum class Format { text, json };

/// Adds `-o text|json`.
void add_format_option(CLI::App& command, Format& format);

using Json = nlohmann::ordered_json;

/// One line of JSON.
void print(Output& out, const Json& object);

/// Rows of text in columns as wide as they need; the first row is the headings.
class Table {
  public:
    explicit Table(std::vector<std::string> headings) { rows_.push_back(std::move(headings)); }
    void add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }
    /// Prints it; headings in bold on a terminal.
    void print(Output& out) const;

  private:
    std::vector<std::vector<std::string>> rows_;
};

}  // namespace eventbus::app
