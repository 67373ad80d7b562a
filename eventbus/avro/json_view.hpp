#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "eventbus/avro/schema.hpp"

namespace eventbus::avro {

/// Avro values as JSON for people and programs: records and maps are objects, arrays are arrays, numbers are
/// numbers (longs in full; floats and doubles always with a point or an exponent; NaN, Infinity and -Infinity
/// are strings of that name), bytes and fixed are base64 (RFC 4648) strings, enums are strings, and a union
/// is its value alone, without naming the branch. Values may be nested 128 deep, and become at most 256 MiB.

/// Appends the value that `bytes` hold, written with `schema`, as one line of JSON. Of a map's entries with
/// the same key the last is kept. Throws DecodeError, also for bytes that are left over; `out` is then as it
/// was.
void append_json(std::string& out, const Schema& schema, std::span<const std::byte> bytes);

/// Appends the Avro encoding of a JSON value; the reverse of `append_json`. Members with a default may be
/// left out; maps are written in the order of their keys. In a union the first branch is taken that has the
/// value's form: an integer is an int or long before it is a double, an object a record that has all its
/// members before any other. JSON cannot tell all unions apart: where bytes, or doubles that are not finite,
/// stand beside strings, the first branch that fits need not be the one that was shown. A missing, unknown or
/// wrongly typed member is an InvalidValue that names its path (`user.pii.email`), what was found and what is
/// needed; texts are not repeated, as they may be personal. JSON that does not parse (with its line and
/// column), is larger than 16 MiB, deeper than 128 levels or has a member twice is a DecodeError. `out` is as
/// it was when it throws.
void append_avro(std::vector<std::byte>& out, const Schema& schema, std::string_view json);

}  // namespace eventbus::avro
