#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "eventbus/avro/field_path.hpp"
#include "eventbus/broker/event.hpp"
#include "eventbus/catalogue/signal.hpp"
#include "eventbus/event/names.hpp"

namespace eventbus {

/// Where events of one type are written to, and by which key. Immutable, thread-safe, cheap to copy.
class Route {
  public:
    /// `topic` is the broker's name, prefix included; an empty `key_field` means no key. Throws InvalidValue
    /// when the data has no such field.
    Route(const EventType& type, std::shared_ptr<const avro::SchemaDocument> schema, TopicName topic,
          std::string_view key_field);

    [[nodiscard]] const EventType& type() const { return *type_; }
    [[nodiscard]] const TopicName& topic() const { return topic_; }

    /// Appends data that is given as JSON (see avro::append_avro) in Avro's binary encoding. Throws
    /// InvalidValue that names the member that is wrong, DecodeError for what is not JSON; `out` is then as
    /// it was.
    void append_avro(std::vector<std::byte>& out, std::string_view json) const;

    /// The key in an encoded body, its text written to `text`, which the result views; nothing when the route
    /// has no key or its value is null. Throws DecodeError.
    [[nodiscard]] std::optional<EventKey> key(std::span<const std::byte> body, std::string& text) const;

  private:
    const EventType* type_;
    std::shared_ptr<const avro::SchemaDocument> schema_;
    TopicName topic_;
    std::shared_ptr<const avro::FieldPath> key_;
};

}  // namespace eventbus
