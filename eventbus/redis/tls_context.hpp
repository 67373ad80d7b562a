#pragma once

#include <openssl/ssl.h>

#include <memory>

#include "eventbus/redis/connect_options.hpp"

namespace eventbus::redis {

struct FreeTlsContext {
    void operator()(SSL_CTX* context) const noexcept { ::SSL_CTX_free(context); }
};
using TlsContext = std::unique_ptr<SSL_CTX, FreeTlsContext>;

/// What the options say for all connections: versions, authorities, the client's certificate. Throws
/// BrokerError that names the file which cannot be used, and why.
[[nodiscard]] TlsContext make_tls_context(const TlsOptions& options);

}  // namespace eventbus::redis
