#pragma once

#include <cstddef>

#include "model.hpp"

namespace eventbus::generator {

/// The fewest bytes that a record with these fields takes in Avro's encoding.
[[nodiscard]] std::size_t least_size(const Subdomain& subdomain, const std::vector<Field>& fields);

}  // namespace eventbus::generator
