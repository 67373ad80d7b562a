#include "eventbus/event/metadata.hpp"

#include <string_view>

namespace eventbus {

std::string source_of_service(std::string_view service) {
    std::string source = "openedx/";
    source.append(service.empty() ? std::string_view("SERVICE_NAME_UNSET") : service).append("/web");
    return source;
}

bool is_sourcelib(std::string_view text) {
    bool in_number = false;
    for (const char c : text) {
        if (c == '.' && !in_number) return false;
        if (c != '.' && (c < '0' || c > '9')) return false;
        in_number = c != '.';
    }
    return in_number;
}

}  // namespace eventbus
