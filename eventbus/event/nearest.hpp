#pragma once

#include <span>
#include <string_view>

namespace eventbus {

/// The name among `known` that is nearest to `name` by the number of letters to insert, remove or change,
/// without regard to case; empty when none is near enough to be meant (more than a third of the name would
/// have to change).
[[nodiscard]] std::string_view nearest_name(std::string_view name, std::span<const std::string_view> known);

}  // namespace eventbus
