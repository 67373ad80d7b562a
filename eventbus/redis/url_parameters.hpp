#pragma once

#include "eventbus/redis/connect_options.hpp"
#include "eventbus/redis/url_parts.hpp"

namespace eventbus::redis {

/// Adds what the parameters of the query say. Throws SettingsError, which names the parameter but no secret
/// value.
void read_url_parameters(const UrlParts& parts, ConnectOptions& options);

}  // namespace eventbus::redis
