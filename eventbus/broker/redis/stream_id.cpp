#include "eventbus/broker/redis/stream_id.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>

#include "eventbus/event/error.hpp"
#include "eventbus/event/number.hpp"
#include "eventbus/event/quote.hpp"

namespace eventbus::redis_streams {

std::optional<Offset> parse_stream_id(std::string_view text) {
    const std::size_t hyphen = text.find('-');
    const auto time = read_number<std::uint64_t>(text.substr(0, hyphen));
    if (!time) return std::nullopt;
    if (hyphen == std::string_view::npos) return Offset{*time, 0};
    const auto sequence = read_number<std::uint64_t>(text.substr(hyphen + 1));
    if (!sequence) return std::nullopt;
    return Offset{*time, *sequence};
}

Offset stream_id_of(std::string_view text) {
    const auto id = parse_stream_id(text);
    if (!id)
        throw DecodeError("Redis answered with " + quote(text) + " where the id of an entry was expected");
    return *id;
}

std::string to_string(const Offset& id) {
    return std::to_string(id.number) + "-" + std::to_string(id.sequence);
}

Offset after(const Offset& id) {
    if (id.sequence != UINT64_MAX) return {id.number, id.sequence + 1};
    return id.number == UINT64_MAX ? id : Offset{id.number + 1, 0};
}

Offset before(const Offset& id) {
    if (id.sequence != 0) return {id.number, id.sequence - 1};
    return id.number == 0 ? id : Offset{id.number - 1, UINT64_MAX};
}

Offset first_id_at(Timestamp time) {
    const auto since_1970 = std::chrono::floor<std::chrono::milliseconds>(time.time_since_epoch()).count();
    return {static_cast<std::uint64_t>(std::max<std::int64_t>(since_1970, 0)), 0};
}

Timestamp stored_at(const Offset& id) {
    // Ids are of the server's clock, but anybody may store an entry under any id.
    constexpr std::uint64_t end_of_9999 = 253'402'300'799'999;
    return Timestamp(std::chrono::milliseconds(std::min(id.number, end_of_9999)));
}

}  // namespace eventbus::redis_streams
