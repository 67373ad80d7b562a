#pragma once

#include <openssl/bio.h>

#include <memory>

namespace eventbus::redis {

struct FreeBio {
    void operator()(BIO* bio) const noexcept { ::BIO_free(bio); }
};
using Bio = std::unique_ptr<BIO, FreeBio>;

/// OpenSSL's way to a non-blocking socket, which stays its owner's. OpenSSL's own one raises SIGPIPE in the
/// host when the other end is gone. Throws std::bad_alloc.
[[nodiscard]] Bio make_socket_bio(int socket);

}  // namespace eventbus::redis
