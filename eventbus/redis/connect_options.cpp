#include "eventbus/redis/connect_options.hpp"

#include "eventbus/event/error.hpp"
#include "eventbus/event/number.hpp"

namespace eventbus::redis {

ConnectOptions parse_connection_url(std::string_view url) {
    ConnectOptions options;
    constexpr std::string_view scheme = "redis://";
    if (!url.starts_with(scheme)) throw SettingsError("not a URL");
    url.remove_prefix(scheme.size());
    const std::string_view place = url.substr(0, url.find('/'));
    const std::size_t colon = place.find(':');
    options.addresses.front().host = std::string(place.substr(0, colon));
    if (colon != std::string_view::npos)
        options.addresses.front().port = read_number<std::uint16_t>(place.substr(colon + 1)).value_or(6379);
    return options;
}

std::string describe(const ConnectOptions& options) {
    if (!options.unix_path.empty()) return "unix://" + options.unix_path;
    return "redis://" + options.addresses.front().host + ":" + std::to_string(options.addresses.front().port);
}

}  // namespace eventbus::redis
