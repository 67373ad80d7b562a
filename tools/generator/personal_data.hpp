#pragma once

#include <string>
#include <vector>

#include "model.hpp"

namespace eventbus::generator {

/// Paths of an event's fields that hold personal data: `user.pii.email`; `[]` stands for the items of a list
/// or map.
[[nodiscard]] std::vector<std::string> personal_data(const Subdomain& subdomain, const Event& event);

}  // namespace eventbus::generator
