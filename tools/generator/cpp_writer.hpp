#pragma once

#include <string>

#include "model.hpp"

namespace eventbus::generator {

/// The header: a struct for each record and for each event's data, a signal for each event, and the
/// declarations of their codecs.
[[nodiscard]] std::string cpp_header(const Subdomain& subdomain, const std::string& yaml_name);

/// The source that goes with it; `include` is how it includes the header.
[[nodiscard]] std::string cpp_source(const Subdomain& subdomain, const std::string& yaml_name,
                                     const std::string& include);

}  // namespace eventbus::generator
