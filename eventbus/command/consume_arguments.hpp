#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "eventbus/bus/consumer.hpp"

namespace CLI {
class App;
}

namespace eventbus {

/// The flags of consume_events that say what to consume: those of the Open edX management command, how many
/// events to handle at a time, and those that say when to end.
struct ConsumeArguments {
    std::vector<std::string> topics;
    std::string group;
    std::string extra;
    std::optional<std::size_t> workers;
    std::optional<std::uint64_t> count;
    std::string until_idle;

    /// Throws CommandError (usage).
    [[nodiscard]] ConsumeOptions options() const;
};

/// Adds the flags to a command line. `arguments` must outlive the parsing.
void add_consume_arguments(CLI::App& app, ConsumeArguments& arguments);

}  // namespace eventbus
