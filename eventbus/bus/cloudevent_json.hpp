#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "eventbus/bus/event_context.hpp"

namespace eventbus {

class Bus;

/// Appends an event as one line of CloudEvents 1.0 JSON, without a newline: `specversion`, `id`, `source`,
/// `type`, `time`, `datacontenttype`, the extensions `minorversion` (a number), `sourcehost`, `sourcelib`,
/// and of a received event `topic`, `partition` (a number), `position` and `key` (left out when there is
/// none), then `data` as avro::append_json gives it. Data that cannot be read stands in `data_base64` as it
/// came, with the reason in the extension `dataerror`.
void append_cloudevent(std::string& out, const RawEvent& event);
/// The same for an event from a broker, with the schema that the bus knows for it.
void append_cloudevent(std::string& out, const Bus& bus, const ReceivedEvent& event);

/// An event read from CloudEvents JSON. Members that were left out are unset.
struct CloudEvent {
    std::string type;
    Uuid id;
    std::string source;
    std::optional<Timestamp> time;
    std::optional<std::int32_t> minorversion;
    std::optional<std::string> sourcehost;
    std::optional<std::string> sourcelib;
    /// JSON text, or, where the line has `data_base64`, Avro's binary encoding.
    std::variant<std::string, std::vector<std::byte>> data;

    /// Its metadata, with `defaults` for what was left out.
    [[nodiscard]] EventMetadata metadata(EventMetadata defaults) const;
};

/// Reads what `append_cloudevent` writes, members in any order, at most 16 MiB. `id`, `source`, `type` and
/// data are needed; `topic`, `partition`, `position`, `key` and `dataerror` are allowed and ignored, and so
/// are `letter`, `reason`, `error`, `handler`, `tries`, `firsttry`, `lasttry` and `group`, which exported
/// dead letters have. Nothing when the object has no member `specversion`, so is no CloudEvent. Throws
/// InvalidValue that names a member that is wrong, missing, unknown or there twice; DecodeError for what is
/// not a JSON object. JSON inside `data` is not checked here: `Route::append_avro` does.
[[nodiscard]] std::optional<CloudEvent> read_cloudevent(std::string_view json);

}  // namespace eventbus
