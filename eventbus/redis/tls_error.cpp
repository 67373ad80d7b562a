#include "eventbus/redis/tls_error.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <array>
#include <string_view>

namespace eventbus::redis {

namespace {

struct Known {
    int reason;
    std::string_view text;
};

constexpr std::string_view no_tls = "the server does not speak TLS on this port";
constexpr std::string_view no_version = "the server and this client have no version of TLS in common";
constexpr std::string_view wants_certificate =
    "the server wants a certificate of the client (ssl_certfile, ssl_keyfile)";
constexpr std::string_view refuses_certificate = "the server does not accept the client's certificate";

constexpr std::array lasting{
    Known{SSL_R_WRONG_VERSION_NUMBER, no_tls},
    Known{SSL_R_PACKET_LENGTH_TOO_LONG, no_tls},
    Known{SSL_R_RECORD_LENGTH_MISMATCH, no_tls},
    Known{SSL_R_HTTP_REQUEST, no_tls},
    Known{SSL_R_CERTIFICATE_VERIFY_FAILED, "the certificate of the server is refused"},
    Known{SSL_R_UNSUPPORTED_PROTOCOL, no_version},
    Known{SSL_R_TLSV1_ALERT_PROTOCOL_VERSION, no_version},
    Known{SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED, wants_certificate},
    Known{SSL_R_SSLV3_ALERT_HANDSHAKE_FAILURE,
          "the server refuses the handshake: it may want a certificate of the client (ssl_certfile, "
          "ssl_keyfile), or have no cipher in common with this client"},
    Known{SSL_R_TLSV1_ALERT_UNKNOWN_CA,
          "the server does not know the authority that signed the client's certificate"},
    Known{SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED, "the client's certificate has expired"},
    Known{SSL_R_SSLV3_ALERT_BAD_CERTIFICATE, refuses_certificate},
    Known{SSL_R_SSLV3_ALERT_CERTIFICATE_REVOKED, "the client's certificate is revoked"},
    Known{SSL_R_SSLV3_ALERT_CERTIFICATE_UNKNOWN, refuses_certificate},
    Known{SSL_R_SSLV3_ALERT_UNSUPPORTED_CERTIFICATE, refuses_certificate},
    Known{SSL_R_TLSV1_ALERT_ACCESS_DENIED, refuses_certificate},
};

}  // namespace

TlsFailure take_tls_failure() {
    const unsigned long error = ::ERR_get_error();
    ::ERR_clear_error();
    if (error == 0) return {};
    const int reason = ERR_GET_REASON(error);
    if (ERR_GET_LIB(error) == ERR_LIB_SSL) {
        if (reason == SSL_R_UNEXPECTED_EOF_WHILE_READING) return {.reason = {}, .is_end = true};
        const auto* const known = std::find_if(lasting.begin(), lasting.end(),
                                               [reason](const Known& one) { return one.reason == reason; });
        if (known != lasting.end()) return {.reason = std::string(known->text), .is_lasting = true};
    }
    const char* const text = ::ERR_reason_error_string(error);
    return {.reason = text != nullptr ? text : "OpenSSL's error " + std::to_string(error)};
}

}  // namespace eventbus::redis
