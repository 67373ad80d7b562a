#include "tests/servers/certificates.hpp"

#include <stdexcept>
#include <utility>
#include <vector>

namespace eventbus::servers {

namespace {

void openssl(std::vector<std::string> arguments) {
    const std::string what = arguments.front();
    arguments.insert(arguments.begin(), "openssl");
    Process process;
    process.start(std::move(arguments));
    if (!process.succeeds()) throw std::runtime_error("openssl " + what + " failed; is it installed?");
}

}  // namespace

TestCertificates::TestCertificates() {
    make_authority("authority");
    make_authority("other");
    const std::string loopback = "DNS:localhost,IP:127.0.0.1";
    make("server", loopback, 2);
    make("misnamed", "DNS:elsewhere.test", 2);
    make("expired", loopback, -1);
    make("client", "DNS:client.test", 2);
}

std::string TestCertificates::encrypted_client_key(const std::string& password) const {
    std::string encrypted = file("encrypted.key");
    openssl({"pkey", "-in", client().key, "-aes256", "-passout", "pass:" + password, "-out", encrypted});
    return encrypted;
}

void TestCertificates::make_authority(const std::string& name) const {
    openssl({"req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days",
             "2", "-subj", "/CN=" + name, "-keyout", file(name + ".key"), "-out", file(name + ".crt")});
}

void TestCertificates::make(const std::string& name, const std::string& alternative_names, int days) const {
    openssl({"req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj",
             "/CN=" + name, "-addext", "subjectAltName=" + alternative_names, "-keyout", file(name + ".key"),
             "-out", file(name + ".csr")});
    openssl({"x509", "-req", "-in", file(name + ".csr"), "-CA", authority(), "-CAkey", file("authority.key"),
             "-CAcreateserial", "-copy_extensions", "copy", "-days", std::to_string(days), "-out",
             file(name + ".crt")});
}

}  // namespace eventbus::servers
