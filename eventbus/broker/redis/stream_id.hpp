#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "eventbus/broker/position.hpp"
#include "eventbus/event/timestamp.hpp"

namespace eventbus::redis_streams {

/// Ids of a stream's entries are offsets: `1679676448892-3` is {1679676448892, 3}, milliseconds since 1970
/// and a number among those of the same millisecond.

/// Reads an id as the server writes it, or as a user may: `1679676448892` is `1679676448892-0`. Nothing for
/// any other text.
[[nodiscard]] std::optional<Offset> parse_stream_id(std::string_view text);

/// The same of a reply. Throws DecodeError when the server wrote something else.
[[nodiscard]] Offset stream_id_of(std::string_view text);

/// `1679676448892-3`
[[nodiscard]] std::string to_string(const Offset& id);

/// The smallest id above; the largest id itself when there is none.
[[nodiscard]] Offset after(const Offset& id);
/// The largest id below; the smallest id (0-0) itself when there is none.
[[nodiscard]] Offset before(const Offset& id);

/// The smallest id of the time's millisecond, so that an entry stored at this time or later is not missed.
/// 0-0 for times before 1970.
[[nodiscard]] Offset first_id_at(Timestamp time);
/// When the entry was stored, by the server's clock.
[[nodiscard]] Timestamp stored_at(const Offset& id);

}  // namespace eventbus::redis_streams
