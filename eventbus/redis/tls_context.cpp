#include "eventbus/redis/tls_context.hpp"

#include <openssl/err.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <new>
#include <string>
#include <system_error>

#include "eventbus/event/error.hpp"
#include "eventbus/redis/tls_error.hpp"

namespace eventbus::redis {

namespace {

constexpr int succeeded = 1;

// OpenSSL tells of a file that is not there as of one that is empty: what the system says is clearer.
[[noreturn]] void unusable(const std::string& what, const std::string& path) {
    std::string reason = take_tls_failure().reason;
    if (::access(path.c_str(), R_OK) != 0) reason = std::generic_category().message(errno);
    throw BrokerError("cannot use " + what + " " + path + ": " + reason, false);
}

void trust_authorities(SSL_CTX* context, const TlsOptions& options) {
    if (options.ca_file.empty() && options.ca_directory.empty()) {
        if (::SSL_CTX_set_default_verify_paths(context) != succeeded)
            throw BrokerError(
                "cannot load the system's certificate authorities: " + take_tls_failure().reason, false);
        return;
    }
    if (!options.ca_file.empty() && ::SSL_CTX_load_verify_file(context, options.ca_file.c_str()) != succeeded)
        unusable("the certificate authorities (ssl_ca_certs) in", options.ca_file);
    // OpenSSL looks into it when it needs a certificate, and does not tell that it is not there.
    if (!options.ca_directory.empty() &&
        (::access(options.ca_directory.c_str(), R_OK | X_OK) != 0 ||
         ::SSL_CTX_load_verify_dir(context, options.ca_directory.c_str()) != succeeded))
        unusable("the directory of certificate authorities (ssl_ca_path)", options.ca_directory);
}

// In place of OpenSSL's own one, which asks at the terminal.
int give_password(char* room, int size, int /*writes*/, void* options) {
    const std::string& password = static_cast<const TlsOptions*>(options)->key_password;
    if (password.size() > static_cast<std::size_t>(size)) return -1;
    std::copy(password.begin(), password.end(), room);
    return static_cast<int>(password.size());
}

void show_certificate(SSL_CTX* context, const TlsOptions& options) {
    if (options.certificate_file.empty()) return;
    const std::string& key = options.key_file.empty() ? options.certificate_file : options.key_file;
    ::SSL_CTX_set_default_passwd_cb(context, give_password);
    // It only reads them.
    ::SSL_CTX_set_default_passwd_cb_userdata(context, const_cast<TlsOptions*>(&options));
    if (::SSL_CTX_use_certificate_chain_file(context, options.certificate_file.c_str()) != succeeded)
        unusable("the client's certificate (ssl_certfile)", options.certificate_file);
    if (::SSL_CTX_use_PrivateKey_file(context, key.c_str(), SSL_FILETYPE_PEM) != succeeded)
        unusable("the client's key (ssl_keyfile)", key);
    ::SSL_CTX_set_default_passwd_cb_userdata(context, nullptr);
}

}  // namespace

TlsContext make_tls_context(const TlsOptions& options) {
    ::ERR_clear_error();
    TlsContext context(::SSL_CTX_new(::TLS_client_method()));
    if (!context) throw std::bad_alloc();
    ::SSL_CTX_set_min_proto_version(context.get(), options.only_1_3 ? TLS1_3_VERSION : TLS1_2_VERSION);
    ::SSL_CTX_set_mode(context.get(), SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    ::SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION);
    if (options.verify_certificate) {
        trust_authorities(context.get(), options);
        ::SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
    }
    show_certificate(context.get(), options);
    return context;
}

}  // namespace eventbus::redis
