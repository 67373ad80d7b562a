#pragma once

#include <string>
#include <string_view>

#include "eventbus/bus/bus.hpp"
#include "eventbus/bus/dead_letter_box.hpp"
#include "format.hpp"

namespace eventbus::app {

/// What is known about a dead letter, without its data.
[[nodiscard]] Json facts_of(const OpenLetter& letter);

/// The event as an object of CloudEvents JSON.
[[nodiscard]] Json event_of(const Bus& bus, const OpenLetter& letter);

/// The event as a line of CloudEvents JSON, which `produce_event` reads, with the facts as extensions.
[[nodiscard]] std::string export_line(const Bus& bus, const OpenLetter& letter);

/// The letter for a person to read: the facts a line each, then the data.
void print_letter(Output& out, const Bus& bus, const OpenLetter& letter);

/// Letters as a table, which is printed in parts, so that it takes no more memory with more of them.
class LetterTable {
  public:
    explicit LetterTable(Output& out) : out_(out) {}
    void add(const OpenLetter& letter);
    /// Prints what is left; nothing when there is none.
    void finish();

  private:
    static constexpr std::size_t most_rows = 1000;

    [[nodiscard]] static Table empty_table();

    Output& out_;
    Table table_ = empty_table();
    std::size_t rows_ = 0;
};

}  // namespace eventbus::app
