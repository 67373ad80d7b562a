#include "eventbus/broker/position.hpp"

#include <algorithm>
#include <optional>

#include "eventbus/event/error.hpp"
#include "eventbus/event/number.hpp"
#include "eventbus/event/quote.hpp"

namespace eventbus {

namespace {

[[noreturn]] void refuse(std::string_view text, const std::string& why) {
    throw InvalidValue(quote(text) + " is not a position here: " + why);
}

Position parse_position(std::string_view text, std::int32_t partitions) {
    const std::size_t colon = text.find(':');
    const bool names_partition = colon != std::string_view::npos;
    if (!names_partition && partitions != 1)
        refuse(text, "the topic has " + std::to_string(partitions) +
                         " partitions, so write partition:offset (0:42)");
    const auto partition =
        names_partition ? read_number<std::int32_t>(text.substr(0, colon)) : std::int32_t{0};
    const auto offset = read_number<std::uint64_t>(names_partition ? text.substr(colon + 1) : text);
    if (!partition || !offset) refuse(text, "write an offset (42) or partition:offset (3:42)");
    if (*offset > static_cast<std::uint64_t>(INT64_MAX)) refuse(text, "the offset is too large");
    if (*partition < 0 || *partition >= partitions)
        refuse(text, "the topic has the partitions 0 to " + std::to_string(partitions - 1));
    return {Partition{*partition}, {*offset, 0}};
}

}  // namespace

std::string to_string(const Position& position) {
    return std::to_string(static_cast<std::int32_t>(position.partition)) + ":" +
           std::to_string(position.offset.number);
}

std::vector<Position> parse_positions(std::string_view text, std::int32_t partitions) {
    std::vector<Position> positions;
    for (std::size_t from = 0; from <= text.size();) {
        const std::size_t comma = std::min(text.find(',', from), text.size());
        positions.push_back(parse_position(text.substr(from, comma - from), partitions));
        from = comma + 1;
    }
    return positions;
}

}  // namespace eventbus
