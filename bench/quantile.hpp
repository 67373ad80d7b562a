#pragma once

#include <vector>

namespace eventbus::bench {

/// The value below which `share` (0 to 1) of the values lie; 0 of none.
[[nodiscard]] double quantile(std::vector<double> values, double share);

}  // namespace eventbus::bench
