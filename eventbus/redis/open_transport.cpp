#include <utility>

#include "eventbus/redis/socket_transport.hpp"
#include "eventbus/redis/tls_transport.hpp"

namespace eventbus::redis {

std::unique_ptr<Transport> open_transport(const ConnectOptions& options, const Address& address,
                                          Deadline deadline) {
    if (!options.unix_path.empty())
        return std::make_unique<SocketTransport>(connect_unix(options.unix_path, deadline),
                                                 "unix://" + options.unix_path);
    Descriptor socket = connect_tcp(address, deadline);
    if (!options.tls) return std::make_unique<SocketTransport>(std::move(socket), to_string(address));
    return std::make_unique<TlsTransport>(std::move(socket), *options.tls, address.host, to_string(address),
                                          deadline);
}

}  // namespace eventbus::redis
