#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "eventbus/avro/schema.hpp"

namespace eventbus::avro {

/// Avro values as JSON for people and programs: records and maps are objects, arrays are arrays, numbers are
/// numbers (longs in full; the doubles NaN, Infinity and -Infinity are strings of that name), bytes and fixed
/// are base64 (RFC 4648) strings, enums are strings, and a union is its value alone, without naming the
/// branch.

/// Appends the value that `bytes` hold, written with `schema`, as one line of JSON. Throws DecodeError, also
/// for bytes that are left over; `out` is then as it was.
void append_json(std::string& out, const Schema& schema, std::span<const std::byte> bytes);

/// Appends the Avro encoding of a JSON value; the reverse of `append_json`. Members with a default may be
/// left out; a missing, unknown or wrongly typed member is an InvalidValue that names its path
/// (`user.pii.email`), what was found and what is needed. JSON that does not parse is a DecodeError with its
/// line and column. `out` is as it was when it throws.
void append_avro(std::vector<std::byte>& out, const Schema& schema, std::string_view json);

}  // namespace eventbus::avro
