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
    /// branch. Throws DecodeError.
    [[nodiscard]] std::optional<std::span<const std::byte>> locate(std::span<const std::byte> body) const;

    /// Schema of the value (not null).
    [[nodiscard]] const Schema& value_schema() const;
    /// The same as a JSON schema of its own, with the definitions that it needs and namespaces as in the
    /// record.
    [[nodiscard]] const std::string& value_schema_json() const;

    /// The value as key text: a string as it is, anything else as JSON.
    void append_text(std::string& out, std::span<const std::byte> value) const;

  private:
    struct Step;
    std::shared_ptr<const SchemaDocument> schema_;
    std::vector<std::size_t> steps_;
    const Schema* value_schema_ = nullptr;
    std::string value_schema_json_;
};

}  // namespace eventbus::avro
