#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "eventbus/avro/codec.hpp"

namespace eventbus {

/// A kind of event, as data: everything about a signal that does not need its C++ type. Static and immutable;
/// generated from the catalogue's YAML.
struct EventType {
    /// `org.openedx.learning.student.registration.completed.v1`
    std::string_view type;
    std::int32_t minor_version = 0;
    /// `STUDENT_REGISTRATION_COMPLETED`
    std::string_view constant;
    /// `learning`
    std::string_view subdomain;
    /// `openedx_events.learning.signals.STUDENT_REGISTRATION_COMPLETED`; empty where Python has no such
    /// signal.
    std::string_view python_path;
    std::string_view description;
    /// The Avro schema as JSON: the record `CloudEvent` in the namespace of the event's type.
    std::string_view schema;
    /// The usual key, `user.pii.username`; empty when there is none.
    std::string_view key_field;
    /// Paths of the fields that hold personal data: `user.pii.email`; `[]` after a list's or map's name.
    std::span<const std::string_view> personal_data;
    /// False for the events that the Open edX Python package defines but cannot write.
    bool openedx_events_serializes = true;
};

/// A signal: an event type together with the C++ type of its data, whose codec is generated beside it. A
/// cheap constant: `learning::STUDENT_REGISTRATION_COMPLETED`.
template <class Data>
class Signal {
  public:
    using data_type = Data;
    constexpr explicit Signal(const EventType& type) : type_(&type) {}
    [[nodiscard]] constexpr const EventType& type() const { return *type_; }

    /// Appends the data in Avro's binary encoding. Throws InvalidValue for what cannot be written (a string
    /// that is not UTF-8).
    void encode(const Data& data, std::vector<std::byte>& out) const {
        avro::Writer writer(out);
        avro::write(writer, data);
    }

    /// Reads data that was written with this very schema. Throws DecodeError, also when bytes are left over.
    [[nodiscard]] Data decode(std::span<const std::byte> bytes) const {
        avro::Reader reader(bytes);
        Data data = avro::read<Data>(reader);
        reader.expect_end();
        return data;
    }

  private:
    const EventType* type_;
};

}  // namespace eventbus
