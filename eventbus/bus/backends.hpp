#pragma once

#include "eventbus/broker/broker.hpp"

namespace eventbus {

/// The backends that the library comes with: `memory` and `embedded`. Copy it and add your own.
[[nodiscard]] const BrokerCatalogue& standard_backends();

}  // namespace eventbus
