#pragma once

#include <string>

namespace eventbus::redis {

/// What OpenSSL says about the last failure in this thread.
struct TlsFailure {
    /// For a person; empty when it says nothing.
    std::string reason;
    /// A certificate or the configuration of an end is to blame, so that trying again changes nothing.
    bool is_lasting = false;
    /// The other end closed the connection without a word.
    bool is_end = false;
};

/// Takes it from OpenSSL's queue, which is empty then.
[[nodiscard]] TlsFailure take_tls_failure();

}  // namespace eventbus::redis
