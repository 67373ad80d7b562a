#include "eventbus/redis/tls_transport.hpp"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <poll.h>

#include <array>
#include <cerrno>
#include <new>
#include <system_error>
#include <utility>

#include "eventbus/event/forks.hpp"
#include "eventbus/redis/server_error.hpp"
#include "eventbus/redis/socket_bio.hpp"
#include "eventbus/redis/tls_context.hpp"
#include "eventbus/redis/tls_error.hpp"

namespace eventbus::redis {

namespace {

constexpr int succeeded = 1;

bool is_ip_address(const std::string& host) {
    std::array<unsigned char, sizeof(in6_addr)> address{};
    return ::inet_pton(AF_INET, host.c_str(), address.data()) == 1 ||
           ::inet_pton(AF_INET6, host.c_str(), address.data()) == 1;
}

// An address is never sent as the name of the server, and is looked for elsewhere in the certificate.
void name_host(SSL* session, const TlsOptions& options, const std::string& host) {
    const bool is_address = is_ip_address(host);
    // SNI; what the macro of the name does, without its old cast.
    if (!is_address)
        ::SSL_ctrl(session, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
                   const_cast<char*>(host.c_str()));
    if (!options.verify_certificate || !options.verify_host) return;
    const int done = is_address ? ::X509_VERIFY_PARAM_set1_ip_asc(::SSL_get0_param(session), host.c_str())
                                : ::SSL_set1_host(session, host.c_str());
    if (done != succeeded) throw std::bad_alloc();
}

std::string certificate_problem(const SSL* session) {
    switch (const long result = ::SSL_get_verify_result(session)) {
        case X509_V_ERR_HOSTNAME_MISMATCH:
        case X509_V_ERR_IP_ADDRESS_MISMATCH:
            return "it is not for this host (ssl_check_hostname)";
        case X509_V_ERR_CERT_HAS_EXPIRED:
            return "it has expired";
        case X509_V_ERR_CERT_NOT_YET_VALID:
            return "it is not valid yet; is this machine's clock right?";
        case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
        case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
        case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
        case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
        case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
            return "the authority that signed it is not trusted (ssl_ca_certs, ssl_ca_path)";
        default:
            return ::X509_verify_cert_error_string(result);
    }
}

std::string system_reason(int error) { return std::generic_category().message(error); }

/// What OpenSSL waits for; 0 when it is none.
short awaited(int error) {
    if (error == SSL_ERROR_WANT_READ) return POLLIN;
    return error == SSL_ERROR_WANT_WRITE ? POLLOUT : 0;
}

}  // namespace

TlsTransport::TlsTransport(Descriptor socket, const TlsOptions& options, const std::string& host,
                           std::string peer, Deadline deadline)
    : socket_(std::move(socket)), peer_(std::move(peer)) {
    {
        // A child would inherit the locks that OpenSSL takes meanwhile.
        const NoFork no_fork;
        const TlsContext context = make_tls_context(options);
        session_.reset(::SSL_new(context.get()));
        if (!session_) throw std::bad_alloc();
        name_host(session_.get(), options, host);
        BIO* const bio = make_socket_bio(socket_.get()).release();
        ::SSL_set_bio(session_.get(), bio, bio);
    }
    shake_hands(deadline);
}

void TlsTransport::shake_hands(Deadline deadline) {
    for (;;) {
        int error = 0;
        {
            const NoFork no_fork;
            ::ERR_clear_error();
            errno = 0;
            const int result = ::SSL_connect(session_.get());
            if (result == succeeded) return;
            error = ::SSL_get_error(session_.get(), result);
        }
        if (awaited(error) == 0) refuse_handshake(error);
        if (wait_for(socket_.get(), awaited(error), deadline, nullptr) != Readiness::ready)
            throw ConnectionLost(
                "cannot connect to Redis at " + peer_ +
                ": no answer to the TLS handshake in time; does the server speak TLS on this "
                "port?");
    }
}

void TlsTransport::refuse_handshake(int error) const {
    const int system_error = errno;
    const bool is_certificate = ERR_GET_REASON(::ERR_peek_error()) == SSL_R_CERTIFICATE_VERIFY_FAILED;
    TlsFailure failure = take_tls_failure();
    if (is_certificate) failure.reason += ": " + certificate_problem(session_.get());
    if (failure.is_end || (failure.reason.empty() && (error == SSL_ERROR_ZERO_RETURN || system_error == 0)))
        failure.reason = "the server closed the connection in the TLS handshake";
    if (failure.reason.empty()) failure.reason = system_reason(system_error);
    const std::string what = "cannot connect to Redis at " + peer_ + ": " + failure.reason;
    if (failure.is_lasting) throw BrokerError(what, false);
    throw ConnectionLost(what);
}

void TlsTransport::fail(int error) const {
    const int system_error = errno;
    const TlsFailure failure = take_tls_failure();
    const bool is_end = failure.is_end || error == SSL_ERROR_ZERO_RETURN;
    if (is_end || (failure.reason.empty() && system_error == 0))
        throw ConnectionLost("Redis at " + peer_ + " closed the connection");
    const std::string what = "the connection to Redis at " + peer_ + " broke: " +
                             (failure.reason.empty() ? system_reason(system_error) : failure.reason);
    if (failure.is_lasting) throw BrokerError(what, false);
    throw ConnectionLost(what);
}

// The server may have said why before it hung up.
void TlsTransport::fail_to_send(int error) {
    const int system_error = errno;
    if (error == SSL_ERROR_SYSCALL) {
        ::ERR_clear_error();
        char byte = 0;
        const int result = ::SSL_read(session_.get(), &byte, 1);
        if (result <= 0 && ::SSL_get_error(session_.get(), result) == SSL_ERROR_SSL) fail(SSL_ERROR_SSL);
        ::ERR_clear_error();
    }
    errno = system_error;
    fail(error);
}

void TlsTransport::send(std::span<const char> bytes, Deadline deadline) {
    while (!bytes.empty()) {
        std::size_t sent = 0;
        ::ERR_clear_error();
        errno = 0;
        const int result = ::SSL_write_ex(session_.get(), bytes.data(), bytes.size(), &sent);
        if (result == succeeded) {
            bytes = bytes.subspan(sent);
            continue;
        }
        const int error = ::SSL_get_error(session_.get(), result);
        if (awaited(error) == 0) fail_to_send(error);
        if (wait_for(socket_.get(), awaited(error), deadline, nullptr) != Readiness::ready)
            throw ConnectionLost("Redis at " + peer_ + " does not take commands in time");
    }
}

// What OpenSSL has already is asked for before the socket is waited for.
std::size_t TlsTransport::receive(std::span<char> room, Deadline deadline, const WakeUp* wake_up) {
    for (;;) {
        std::size_t got = 0;
        ::ERR_clear_error();
        errno = 0;
        const int result = ::SSL_read_ex(session_.get(), room.data(), room.size(), &got);
        if (result == succeeded) return got;
        const int error = ::SSL_get_error(session_.get(), result);
        if (awaited(error) == 0) fail(error);
        if (wait_for(socket_.get(), awaited(error), deadline, wake_up) != Readiness::ready) return 0;
    }
}

bool TlsTransport::is_closed() const noexcept { return is_closed_by_peer(socket_.get()); }

// The session knows the socket by its number, which may be another's soon: it says nothing at its end.
void TlsTransport::abandon() noexcept { socket_ = Descriptor(); }

}  // namespace eventbus::redis
