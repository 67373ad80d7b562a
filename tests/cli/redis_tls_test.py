"""The program and Redis over TLS: what works, and what is told when a certificate is not right."""

import subprocess

from redis_case import LIMIT, RedisCase, main
from redis_server import free_port


class Certificates:
    """An authority, and what it signed, made with the openssl program."""

    def __init__(self, place, name):
        self.place, self.name = place, name
        self.ca = self.file("ca.crt")
        self.run("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", f"/CN={name}",
                 "-keyout", self.file("ca.key"), "-out", self.ca)

    def file(self, ending):
        return str(self.place / f"{self.name}-{ending}")

    def signed(self, name, alternative):
        key, request, certificate = (self.file(f"{name}.{kind}") for kind in ("key", "csr", "crt"))
        extensions = self.place / "extensions"
        extensions.write_text(f"subjectAltName={alternative}\n")
        self.run("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", f"/CN={name}", "-keyout", key, "-out",
                 request)
        self.run("x509", "-req", "-in", request, "-CA", self.ca, "-CAkey", self.file("ca.key"), "-CAcreateserial", "-days", "2", "-extfile",
                 str(extensions), "-out", certificate)
        return certificate, key

    @staticmethod
    def run(*words):
        subprocess.run(["openssl", *words], check=True, capture_output=True, timeout=LIMIT)


class Tls(RedisCase):
    CLIENTS = "no"
    NAMES = "IP:127.0.0.1"

    def setUp(self):
        super().setUp()
        self.authority = Certificates(self.place, "authority")
        certificate, key = self.authority.signed("server", self.NAMES)
        self.server.stop()
        self.tls_port = free_port()
        self.server.options += ["--tls-port", str(self.tls_port), "--tls-cert-file", certificate, "--tls-key-file", key, "--tls-ca-cert-file",
                                self.authority.ca, "--tls-auth-clients", self.CLIENTS]
        self.server.start()

    def url(self, **parameters):
        query = "&".join(f"{name}={value}" for name, value in parameters.items())
        return {"EVENT_BUS_REDIS_CONNECTION_URL": f"rediss://127.0.0.1:{self.tls_port}/0?{query}"}

    def refused(self, *parts, **parameters):
        done = self.run_program("topics", code=5, **self.url(**parameters))
        self.assert_error(done, *parts)


class Works(Tls):
    def test_with_the_authority_that_signed(self):
        self.environment.update(self.url(ssl_ca_certs=self.authority.ca))
        self.produce_many(100)
        self.assertEqual(len(self.consume()), 100)
        self.assertEqual(self.redis("XLEN", "logins"), 100)

    def test_without_checks_where_that_is_wanted(self):
        self.produce(**self.url(ssl_cert_reqs="none"))

    def test_not_with_another_authority(self):
        self.refused("certificate", ssl_ca_certs=Certificates(self.place, "other").ca)
        self.refused("certificate")

    def test_not_with_a_file_that_is_not_there(self):
        self.refused("/nosuch/ca.pem", ssl_ca_certs="/nosuch/ca.pem")

    def test_not_with_a_server_that_speaks_no_tls(self):
        done = self.run_program("topics", code=5, EVENT_BUS_REDIS_CONNECTION_URL=f"rediss://127.0.0.1:{self.server.port}/0")
        self.assert_error(done, "TLS")


class OtherName(Tls):
    NAMES = "DNS:redis.example.org"

    def test_a_certificate_of_another_host_is_refused(self):
        self.refused("certificate", "127.0.0.1", ssl_ca_certs=self.authority.ca)
        self.produce(**self.url(ssl_ca_certs=self.authority.ca, ssl_check_hostname="false"))


class Clients(Tls):
    CLIENTS = "yes"

    def test_need_a_certificate_where_the_server_asks_for_one(self):
        certificate, key = self.authority.signed("client", "DNS:client")
        self.produce(**self.url(ssl_ca_certs=self.authority.ca, ssl_certfile=certificate, ssl_keyfile=key))
        self.refused("certificate", ssl_ca_certs=self.authority.ca)


if __name__ == "__main__":
    main()
