#pragma once

#include <deque>

#include "eventbus/avro/schema.hpp"

namespace eventbus::avro {

/// Sets `least_size` of all types of a schema. Throws DecodeError that names a record without a finite value.
void set_least_sizes(std::deque<Schema>& types);

}  // namespace eventbus::avro
