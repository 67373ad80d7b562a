"""What the tests beside the Python packages share: talking to our peer programs, and the packages set up without Django's project."""
import importlib
import json
import os
import subprocess

SUBDOMAINS = ["analytics", "authz", "content_authoring", "enterprise", "learning"]


class Peer:
    """One of our peer programs: a JSON object a line, an answer a line. `settings` are added to its environment."""

    def __init__(self, program, **settings):
        self.process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                        env={**os.environ, **settings})

    def ask(self, **request):
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer:
            raise AssertionError(f"the peer ended (status {self.process.wait()}) at {request}")
        answer = json.loads(answer)
        if "broken" in answer:
            raise AssertionError(f"{answer['broken']}: {request}")
        return answer

    def kill(self):
        """Ends it wherever it is."""
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()


def set_up_openedx_events(**settings):
    """All the signals of openedx-events, in a Django that has these settings."""
    import django
    from django.conf import settings as django_settings
    django_settings.configure(**settings)
    django.setup()
    for subdomain in SUBDOMAINS:
        importlib.import_module(f"openedx_events.{subdomain}.signals")
    from openedx_events.tooling import OpenEdxPublicSignal
    return list(OpenEdxPublicSignal.all_events())
