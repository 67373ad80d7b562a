#pragma once

#include "diagnostics.hpp"
#include "model.hpp"

namespace eventbus::generator {

/// Brings the records into an order in which each stands before those that use it. Reports records within
/// themselves, records nested more than 64 deep, and those that have more than 10,000 fields with those of
/// their records.
void order_records(Subdomain& subdomain, Diagnostics& diagnostics);

/// The record that a type is, or that its items are; null for none.
[[nodiscard]] const std::string* record_within(const Type& type);

}  // namespace eventbus::generator
