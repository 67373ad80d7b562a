#include "eventbus/redis/sentinel.hpp"

#include <algorithm>
#include <string>

#include "eventbus/event/number.hpp"
#include "eventbus/event/quote.hpp"
#include "eventbus/redis/connection.hpp"
#include "eventbus/redis/server_error.hpp"

namespace eventbus::redis {

namespace {

ConnectOptions options_for(const ConnectOptions& options, const Address& sentinel, Deadline deadline) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    ConnectOptions own;
    own.addresses = {sentinel};
    own.tls = options.tls;
    own.user = options.sentinel->user;
    own.password = options.sentinel->password;
    own.connect_timeout = std::max(left, std::chrono::milliseconds(1));
    own.command_timeout = own.connect_timeout;
    return own;
}

Address address_in(const ReplyView& reply) {
    const auto port = read_number<std::uint16_t>(reply[1].text());
    if (!port) throw ConnectionLost("it answered with no address");
    return {std::string(reply[0].text()), *port};
}

}  // namespace

Address ask_sentinel(const ConnectOptions& options, const Address& sentinel, Deadline deadline) {
    const std::string& service = options.sentinel->service;
    try {
        Connection connection(options_for(options, sentinel, deadline));
        const ReplyView reply =
            connection.call("cannot ask for the master", {"SENTINEL", "GET-MASTER-ADDR-BY-NAME", service});
        if (reply.is_nil()) throw BrokerError("it knows no service " + quote(service), false);
        return address_in(reply);
    } catch (const DecodeError& error) {
        throw ConnectionLost(error.what());
    }
}

}  // namespace eventbus::redis
