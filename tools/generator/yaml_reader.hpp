#pragma once

#include <optional>
#include <string_view>

#include "diagnostics.hpp"
#include "model.hpp"

namespace eventbus::generator {

/// Reads and checks the text of a catalogue file. Nothing when there were errors, which `diagnostics` then
/// has. docs/defining-events.md tells the format.
[[nodiscard]] std::optional<Subdomain> read_yaml(std::string_view text, Diagnostics& diagnostics);

}  // namespace eventbus::generator
