#pragma once

#include "diagnostics.hpp"
#include "model.hpp"

namespace eventbus::generator {

/// What can be told only when the whole file was read: names that are there, no records within themselves,
/// paths that lead somewhere. Brings the records into an order in which each stands before those that use it.
void check(Subdomain& subdomain, Diagnostics& diagnostics);

}  // namespace eventbus::generator
