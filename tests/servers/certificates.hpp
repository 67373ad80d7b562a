#pragma once

#include <string>

#include "tests/servers/process.hpp"

namespace eventbus::servers {

/// Files in PEM.
struct Certificate {
    std::string certificate;
    std::string key;
};

/// Certificates for tests, made by the `openssl` program in a directory of their own.
class TestCertificates {
  public:
    /// Throws std::runtime_error when one cannot be made.
    TestCertificates();

    /// The authority that signed all of them, and one that signed none.
    [[nodiscard]] std::string authority() const { return file("authority.crt"); }
    [[nodiscard]] std::string other_authority() const { return file("other.crt"); }
    /// For `localhost` and 127.0.0.1.
    [[nodiscard]] Certificate server() const { return named("server"); }
    /// For `elsewhere.test`.
    [[nodiscard]] Certificate misnamed_server() const { return named("misnamed"); }
    [[nodiscard]] Certificate expired_server() const { return named("expired"); }
    [[nodiscard]] Certificate client() const { return named("client"); }

    /// The client's key in a file of its own, which has this password.
    [[nodiscard]] std::string encrypted_client_key(const std::string& password) const;

    /// A path in the directory.
    [[nodiscard]] std::string file(const std::string& name) const {
        return (directory_.path() / name).string();
    }

  private:
    [[nodiscard]] Certificate named(const std::string& name) const {
        return {file(name + ".crt"), file(name + ".key")};
    }
    void make_authority(const std::string& name) const;
    void make(const std::string& name, const std::string& alternative_names, int days) const;

    TestDirectory directory_;
};

}  // namespace eventbus::servers
