#include "eventbus/redis/server_error.hpp"

namespace eventbus::redis {

void throw_server_error(std::string_view attempt, std::string_view reply) {
    std::string code(reply.substr(0, reply.find(' ')));
    const std::string what = std::string(attempt).append(": ").append(reply);
    if (code == "OOM") throw StorageFull(what);
    const bool passes = code == "LOADING" || code == "READONLY" || code == "BUSY" || code == "MASTERDOWN" ||
                        code == "TRYAGAIN" || code == "CLUSTERDOWN" || code == "MISCONF" ||
                        code == "NOREPLICAS";
    throw ServerError(what, passes, std::move(code));
}

bool calls_for_reconnection(std::string_view reply) {
    return reply.starts_with("READONLY") || reply.starts_with("NOAUTH");
}

}  // namespace eventbus::redis
