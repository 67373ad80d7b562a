#pragma once

#include <cstddef>

#include "eventbus/avro/reader.hpp"
#include "eventbus/avro/schema.hpp"

namespace eventbus::avro {

/// Passes over a value that lies `depth` levels deep. Finds everything that is wrong with it but text that is
/// not UTF-8.
void skip(Reader& reader, const Schema& schema, std::size_t depth);

/// Throws DecodeError when `depth` is more than what is allowed.
void check_depth(const Reader& reader, std::size_t depth);

}  // namespace eventbus::avro
