#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "eventbus/avro/schema.hpp"

namespace eventbus::avro {

/// A path to a sub-value of a record, as `event_key_field` has it: `user.pii.username`, names with dots for
/// depth. Compiled once for a schema; finds the value's bytes in an encoded body without decoding it.
/// Immutable, thread-safe.
class FieldPath {
  public:
    /// Throws InvalidValue that names the path and the fields there are when a name does not exist.
    FieldPath(std::shared_ptr<const SchemaDocument> schema, std::string_view path);

    /// The part of `body` that encodes the value: a view. Nothing when the value, or a record on the way, is
    /// null. Where the field is a union of null and one type, the bytes are those of the type, without the
    /// branch. Reads no further than the value, and does not check text for UTF-8. Throws DecodeError.
    [[nodiscard]] std::optional<std::span<const std::byte>> locate(std::span<const std::byte> body) const;

    /// Schema of the value (not null).
    [[nodiscard]] const Schema& value_schema() const;
    /// The schema under which the value is registered as a Kafka key. For a field of a primitive type this is
    /// the field as it stands in the record, `{"name": "id", "type": "long"}`, in the same text as
    /// edx-event-bus-kafka 6.2.0 registers; there nothing else works (it fails for unions and records, and
    /// for paths through a nullable record). Here a nullable primitive gives the same for the type without
    /// null and default; anything else gives its type, with the definitions that it needs and namespaces as
    /// in the record.
    [[nodiscard]] const std::string& value_schema_json() const;

    /// Appends the value as key text: a string as it is, anything else as JSON. Throws DecodeError.
    void append_text(std::string& out, std::span<const std::byte> value) const;

  private:
    /// From a record to one of its fields; through a union of null and one type to that type.
    struct Step {
        const Schema* record;
        std::size_t field;
        /// Not null when the field is such a union; `branch` is then the one that is not null.
        const Schema* nullable;
        std::size_t branch;
    };

    void compile(std::string_view path);
    [[nodiscard]] Step step_to(std::string_view name, std::string_view path) const;
    [[nodiscard]] std::string registered_schema(std::string_view path) const;

    std::shared_ptr<const SchemaDocument> schema_;
    std::vector<Step> steps_;
    const Schema* value_schema_ = nullptr;
    std::string value_schema_json_;
};

}  // namespace eventbus::avro
