#pragma once

#include <cstddef>

namespace eventbus::avro {

/// What is taken from outside before it is refused.
inline constexpr std::size_t max_schema_bytes = std::size_t{1} << 20U;
inline constexpr std::size_t max_json_bytes = std::size_t{16} << 20U;
/// Records, arrays and maps within each other, in values and in the JSON of values and schemas.
inline constexpr std::size_t max_depth = 128;
inline constexpr std::size_t max_schema_types = 10'000;
inline constexpr std::size_t max_name_bytes = 1024;
/// All the default values of a schema in Avro's encoding.
inline constexpr std::size_t max_defaults_bytes = std::size_t{4} << 20U;
/// What one value may become: names and defaults that stand in the schema once are written for each value.
inline constexpr std::size_t max_output_bytes = std::size_t{256} << 20U;

}  // namespace eventbus::avro
