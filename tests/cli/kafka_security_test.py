"""The program and a Kafka cluster that asks who is there: what works, what is told when it does not, and that no secret is told."""

import base64
import functools
import json
import re
import socket
import ssl
import subprocess
import threading

from kafka_case import KafkaCase, LIMIT, login, main, QUICK, start_servers
from program import LOGIN
from registry_double import RegistryDouble

WRONG = "Kettle-7"
REGISTRY_SECRET = "Toaster-8"
SCRAM = ("SCRAM-SHA-256", "SCRAM-SHA-512")


def setUpModule():
    start_servers("--certificates")


class Security(KafkaCase):
    def setUp(self):
        super().setUp()
        self.make()
        self.commands = {
            "topics": ("topics",), "groups": ("topics", "groups", "logins"), "dead-letters": ("dead-letters", "list", *self.here),
            "produce": ("produce_event", "--signal", "SESSION_LOGIN_COMPLETED", "--topic", "logins", "--data", login()),
            "consume": ("consume_events", *self.here, "--until-idle", "0.3"), "replay": ("replay", "-t", "logins", "--from", "earliest")}

    def settings(self, listener, **settings):
        """Properties have dots, which are underscores here; those with a capital are settings."""
        named = {name: value for name, value in settings.items() if name.isupper()}
        properties = json.dumps({name.replace("_", "."): value for name, value in settings.items() if not name.isupper()})
        return {"EVENT_BUS_KAFKA_BOOTSTRAP_SERVERS": self.servers[listener], "EVENT_BUS_KAFKA_PRODUCER_CONFIG": properties,
                "EVENT_BUS_KAFKA_CONSUMER_CONFIG": properties, **named}

    def tls(self, **more):
        return self.settings("SSL", **{"security_protocol": "SSL", "ssl_ca_location": self.servers["authority"], **more})

    def as_client(self, **more):
        return self.tls(**{"ssl_certificate_location": self.servers["client_certificate"], "ssl_key_location": self.servers["client_key"], **more})

    def plain(self, password=None, user=None, **more):
        return self.settings("SASL_SSL", EVENT_BUS_KAFKA_API_KEY=user or self.servers["user"],
                             EVENT_BUS_KAFKA_API_SECRET=password or self.servers["password"],
                             **{"ssl_ca_location": self.servers["authority"], **more})

    def sasl(self, listener, mechanism, password=None, **more):
        return self.settings(listener, security_protocol=listener, ssl_ca_location=self.servers["authority"], sasl_mechanism=mechanism,
                             sasl_username=self.servers["user"], sasl_password=password or self.servers["password"], **more)

    @staticmethod
    def consumers_only(settings, **properties):
        """These properties too, which senders do not have."""
        mine = {**json.loads(settings["EVENT_BUS_KAFKA_CONSUMER_CONFIG"]), **{name.replace("_", "."): value for name, value in properties.items()}}
        return {**settings, "EVENT_BUS_KAFKA_CONSUMER_CONFIG": json.dumps(mine)}

    def works(self, settings):
        """Every command does, and tells no secret however much it tells."""
        loud = {f"EVENT_BUS_KAFKA_{name}_CONFIG": json.dumps({**json.loads(settings[f"EVENT_BUS_KAFKA_{name}_CONFIG"]), "debug": "all", **more})
                for name, more in (("PRODUCER", {}), ("CONSUMER", QUICK))}
        for name in ("produce", "consume", "topics", "groups", "dead-letters", "replay"):
            done = self.run_program("--log-level", "debug", *self.commands[name], **{**settings, **loud})
            self.tells_no_secret(done)
            if name in ("produce", "consume"):
                self.assertIn("librdkafka CONF", done.stderr, "it is as loud as can be")
            if name in ("consume", "replay"):
                self.assertEqual(len(done.stdout.splitlines()), 1, done.stdout)
        for words in (("settings",), ("settings", "-o", "json"), ("settings", "--markdown")):
            self.tells_no_secret(self.run_program(*words, **settings))

    def tells_no_secret(self, done):
        secrets = [WRONG, REGISTRY_SECRET, self.servers["password"], self.servers["client_key_password"]]
        secrets += [base64.b64encode(secret.encode()).decode().rstrip("=") for secret in secrets]
        for text in (done.stdout, done.stderr):
            for secret in secrets:
                self.assertNotIn(secret, text)

    def refused(self, *cases):
        """All at once, since librdkafka takes its time: (what, settings, exit code, parts of the error)."""
        started = [(case, self.start(*self.commands[case[0]], **case[1])) for case in cases]
        for (command, settings, code, *parts), process in started:
            with self.subTest(command=command, parts=parts):
                out, log = process.communicate(timeout=LIMIT)
                self.assertEqual(process.returncode, code, log)
                done = subprocess.CompletedProcess(process.args, code, out, log)
                self.assert_error(done, *parts)
                self.tells_no_secret(done)


class Tls(Security):
    def test_with_a_certificate(self):
        self.works(self.as_client())

    def test_with_a_key_that_has_a_password(self):
        self.works(self.as_client(ssl_key_location=self.servers["encrypted_client_key"],
                                  ssl_key_password=self.servers["client_key_password"]))

    def test_files_that_cannot_be_used_are_told_at_once(self):
        self.refused(
            ("topics", self.as_client(ssl_ca_location="/nosuch/ca.pem"), 3, "ssl.ca.location"),
            ("produce", self.as_client(ssl_key_location="/nosuch/key.pem"), 3, "ssl.key.location"),
            ("consume", self.as_client(ssl_key_location=self.servers["encrypted_client_key"], ssl_key_password=WRONG), 3, "ssl.key.location"),
            ("consume", self.consumers_only(self.as_client(ssl_key_location="/nosuch/key.pem"), partition_assignment_strategy="cooperative-sticky"), 3,
             "ssl.key.location"))

    def test_a_certificate_that_is_wrong_or_not_there_is_told(self):
        every = ("topics", "produce", "consume", "replay")
        none = [(command, self.tls(), 5, "certificate", "EVENT_BUS_KAFKA_CONSUMER_CONFIG", "ssl.") for command in every]
        other = [(command, self.as_client(ssl_ca_location=self.servers["other_authority"]), 5, "certificate verify failed", "ssl.ca.location")
                 for command in every]
        speaks_no_tls = ("topics", {"EVENT_BUS_KAFKA_BOOTSTRAP_SERVERS": self.servers["SSL"]}, 5, "does not answer", "EVENT_BUS_KAFKA_BOOTSTRAP_SERVERS")
        expired, misnamed = (TlsServer(self.servers[f"{name}_certificate"], self.servers[f"{name}_key"]) for name in ("expired", "misnamed"))
        for server in (expired, misnamed):
            self.addCleanup(server.close)
        strangers = [(command, self.at(server.address), 5, "certificate verify failed", server.address)
                     for server in (expired, misnamed) for command in ("topics", "produce", "consume")]
        self.refused(*none, *other, speaks_no_tls, *strangers)
        self.assertEqual((expired.accepted, misnamed.accepted), (0, 0))
        # The name alone was wrong: who does not look at it goes on.
        process = self.start("topics", **self.at(misnamed.address, ssl_endpoint_identification_algorithm="none"))
        self.wait_for(lambda: misnamed.accepted > 0, "a handshake")
        process.kill()

    def at(self, address, **more):
        return {**self.as_client(**more), "EVENT_BUS_KAFKA_BOOTSTRAP_SERVERS": address}


class TlsServer:
    """Takes connections with a certificate, and counts those whose client took it."""

    def __init__(self, certificate, key):
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(certificate, key)
        # With TLS 1.3 a server is ready before the client has looked.
        self.context.maximum_version = ssl.TLSVersion.TLSv1_2
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.address = "127.0.0.1:%d" % self.listener.getsockname()[1]
        self.accepted = 0
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                connection = self.listener.accept()[0]
            except OSError:
                return
            with connection:
                connection.settimeout(LIMIT)
                try:
                    self.context.wrap_socket(connection, server_side=True).close()
                    self.accepted += 1
                except OSError:
                    pass

    def close(self):
        self.listener.close()


class Logins(Security):
    def test_with_the_settings_of_the_python_package(self):
        self.works(self.plain())

    def test_a_key_without_a_secret_is_no_login(self):
        settings = {**self.plain(), "EVENT_BUS_KAFKA_BOOTSTRAP_SERVERS": self.servers["kafka"], "EVENT_BUS_KAFKA_API_SECRET": None}
        self.run_program("topics", **settings)

    def test_plain_without_tls(self):
        self.works(self.sasl("SASL_PLAINTEXT", "PLAIN"))

    def test_a_token(self):
        self.works(self.sasl("SASL_SSL", "OAUTHBEARER", enable_sasl_oauthbearer_unsecure_jwt=True,
                             sasl_oauthbearer_config=f"principal={self.servers['user']}"))

    def test_a_token_that_nobody_makes_is_told(self):
        self.refused(("topics", self.sasl("SASL_SSL", "OAUTHBEARER", sasl_oauthbearer_method=WRONG), 3, "sasl.oauthbearer.method"))

    def test_scram(self):
        if self.has_scram():
            for mechanism in SCRAM:
                self.works(self.sasl("SASL_SSL", mechanism))

    def test_what_is_not_a_login_is_told(self):
        hints = ("Authentication fail", "EVENT_BUS_KAFKA_API_SECRET")
        # librdkafka before 2.6.1 does not do what brokers from 3.7.2 on want of SCRAM.
        no_scram = () if self.has_scram() else ("librdkafka " + ".".join(map(str, self.version_of_librdkafka())), "2.6.1")
        scram = [(command, self.sasl("SASL_SSL", mechanism, password=WRONG if self.has_scram() else None), 5, mechanism, *no_scram)
                 for mechanism in SCRAM for command in ("topics", "produce", "consume")]
        self.refused(
            *[(command, self.plain(password=WRONG), 5, *hints) for command in self.commands], *scram,
            ("topics", self.plain(user="nobody"), 5, *hints),
            ("consume", self.sasl("SASL_PLAINTEXT", "PLAIN", password=WRONG), 5, *hints),
            ("topics", self.sasl("SASL_SSL", "KETTLE"), 3, "SASL mechanism", "KETTLE"),
            ("consume", self.plain(ssl_ca_location=self.servers["other_authority"]), 5, "certificate verify failed"))

    def has_scram(self):
        return self.version_of_librdkafka() >= (2, 6, 1)

    @functools.lru_cache
    def version_of_librdkafka(self):
        """Of the program's own, which it tells at the debug level."""
        done = self.run_program("--log-level", "debug", *self.commands["produce"],
                                EVENT_BUS_KAFKA_PRODUCER_CONFIG=json.dumps({"debug": "generic"}))
        return tuple(int(part) for part in re.search(r"librdkafka v(\d+)\.(\d+)\.(\d+)", done.stderr).groups())


class Registry(Security):
    USER = "registrar"

    def setUp(self):
        super().setUp()
        self.double = RegistryDouble(self.servers["registry"], self.USER, REGISTRY_SECRET)
        self.addCleanup(self.double.close)

    def logged_in(self, password=REGISTRY_SECRET, **more):
        return {"EVENT_BUS_KAFKA_SCHEMA_REGISTRY_URL": self.double.url, "EVENT_BUS_KAFKA_SCHEMA_REGISTRY_API_KEY": self.USER,
                "EVENT_BUS_KAFKA_SCHEMA_REGISTRY_API_SECRET": password, **more}

    def test_with_a_name_and_a_password(self):
        self.works({**self.plain(), **self.logged_in()})
        self.assertIn(("POST", f"/subjects/{self.full()}-{LOGIN}.CloudEvent/versions"), self.double.asked)

    def test_with_both_in_its_url(self):
        self.works({**self.plain(), "EVENT_BUS_KAFKA_SCHEMA_REGISTRY_URL": f"http://{self.USER}:{REGISTRY_SECRET}@{self.double.address}"})

    def test_a_wrong_password_is_told_and_costs_no_event(self):
        self.produce()
        parts = ("schema registry", "who are you?", "EVENT_BUS_KAFKA_SCHEMA_REGISTRY_API_KEY")
        self.refused(*[(command, self.logged_in(WRONG), 5, *parts) for command in ("produce", "consume", "replay")])
        self.refused(("consume", {"EVENT_BUS_KAFKA_SCHEMA_REGISTRY_URL": f"http://{self.USER}:{WRONG}@{self.double.address}"}, 5, *parts))
        self.assertEqual(self.letters(), [])
        self.assertEqual(len(self.consume(**self.logged_in())), 1)

    def test_one_that_is_away_is_told_without_its_password(self):
        self.double.close()
        url = f"http://{self.USER}:{REGISTRY_SECRET}@{self.double.address}"
        self.refused(("produce", {"EVENT_BUS_KAFKA_SCHEMA_REGISTRY_URL": url}, 5, "no schema registry answers", self.double.address))

    def test_with_certificates_of_its_own(self):
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(self.servers["server_certificate"], self.servers["server_key"])
        tls.load_verify_locations(self.servers["authority"])
        tls.verify_mode = ssl.CERT_REQUIRED
        double = RegistryDouble(self.servers["registry"], tls=tls)
        self.addCleanup(double.close)
        known = {"EVENT_BUS_KAFKA_SCHEMA_REGISTRY_URL": double.url, "EVENT_BUS_KAFKA_SCHEMA_REGISTRY_CA_FILE": self.servers["authority"]}
        shown = {"EVENT_BUS_KAFKA_SCHEMA_REGISTRY_CERTIFICATE_FILE": self.servers["client_certificate"],
                 "EVENT_BUS_KAFKA_SCHEMA_REGISTRY_KEY_FILE": self.servers["client_key"]}
        self.works({**self.plain(), **known, **shown})
        self.refused(("produce", known, 5, "no schema registry answers", double.address),
                     ("produce", {**known, **shown, "EVENT_BUS_KAFKA_SCHEMA_REGISTRY_CA_FILE": self.servers["other_authority"]}, 5, "certificate"))


if __name__ == "__main__":
    main()
