#pragma once

#include <deque>

#include "eventbus/avro/schema.hpp"

namespace eventbus::avro {

/// Checks the default of each field against its type and sets its `default_avro`. Throws DecodeError that
/// names the field.
void compile_defaults(std::deque<Schema>& types);

}  // namespace eventbus::avro
