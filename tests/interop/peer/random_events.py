"""Random values of the events of openedx-events, and what openedx-events makes of them when it reads them. The signals must be set up
before this is imported (see peer.py)."""
import math
import typing
import uuid
from datetime import datetime, timedelta, timezone

import attr
from ccx_keys.locator import CCXLocator
from opaque_keys.edx.keys import CourseKey, UsageKey
from opaque_keys.edx.locator import LibraryCollectionLocator, LibraryContainerLocator, LibraryLocatorV2, LibraryUsageLocatorV2

CANNOT_BE_SERIALIZED = {"org.openedx.content_authoring.course.certificate_config.changed.v1",
                        "org.openedx.content_authoring.course.certificate_config.deleted.v1"}
TEXTS = ["", " ", "a", "plain words", "é ü ß", "日本語", "\U0001f600\U0010ffff", "\"\\/\b\f\n\r\t", "\x00\x01\x1f\x7f\x80", "\u2028\ufeff",
         "null", "0", "{}", "x" * 63, "x" * 64, "y" * 8191, "y" * 8192]
HUGE = "ü" * 150_000
INTEGERS = [0, 1, -1, 63, 64, -64, -65, 127, 128, 255, 256, 2**31 - 1, -2**31, 2**31, 2**53 + 1, 2**63 - 1, -2**63]
REALS = [0.0, -0.0, 1.0, -1.5, 0.1, 1e300, 5e-324, 1e16, 123456789.125, math.inf, -math.inf, math.nan]
WORDS = ["edX", "DemoX", "2024_T1", "a", "A.b-c~d", "9", "_", "Ünï", "課程", "x" * 60, "a:b"]
SLUGS = ["edX", "lib-1", "a.b", "9", "_", "x" * 60]
ANY_SLUGS = SLUGS + ["Ünï", "課程"]
HEX24 = ["519665f6223ebd6980884f2b", "0" * 24, "f" * 24]


class Maker:
    """Random values of the types that openedx-events uses."""

    def __init__(self, rng):
        self.rng = rng
        self.huge_wanted = False

    def event(self, signal):
        self.huge_wanted = self.rng.random() < 0.02
        return {name: self.value(kind) for name, kind in signal.init_data.items()}

    def value(self, kind):
        makers = {str: self.text, int: self.integer, float: self.real, bool: lambda: self.rng.random() < 0.5, datetime: self.time,
                  uuid.UUID: lambda: uuid.UUID(int=self.rng.choice([0, 2**128 - 1, self.rng.getrandbits(128)]))}
        if kind in makers:
            return makers[kind]()
        if hasattr(kind, "__attrs_attrs__"):
            return kind(**self.members(kind))
        origin, arguments = typing.get_origin(kind), typing.get_args(kind)
        if origin is list:
            return [self.value(arguments[0]) for _ in range(self.size())]
        if origin is dict:
            return {self.text(): self.value(arguments[1]) for _ in range(self.size())}
        return self.key(kind)

    def members(self, kind):
        members = {}
        for attribute in kind.__attrs_attrs__:
            # A class given for a default is a value of no type.
            has_default = attribute.default is not attr.NOTHING and not isinstance(attribute.default, type)
            if not has_default or self.rng.random() < 0.6:
                members[attribute.name] = self.value(attribute.type)
        return members

    def size(self):
        return self.rng.choice([0, 0, 1, 1, 2, 3, 7, 70 if self.rng.random() < 0.1 else 4])

    def text(self):
        if self.huge_wanted and self.rng.random() < 0.3:
            self.huge_wanted = False
            return HUGE
        if self.rng.random() < 0.5:
            return self.rng.choice(TEXTS)
        characters = [c for c in (self.rng.randrange(self.rng.choice([0x80, 0x800, 0x10000, 0x110000])) for _ in range(self.rng.randint(1, 20)))
                      if not 0xD800 <= c < 0xE000]
        return "".join(map(chr, characters))

    def integer(self):
        return self.rng.choice([self.rng.choice(INTEGERS), self.rng.randint(-2**63, 2**63 - 1), self.rng.randint(0, 10**6)])

    def real(self):
        return self.rng.choice([self.rng.choice(REALS), self.rng.uniform(-1e6, 1e6), self.rng.random()])

    def time(self):
        if self.rng.random() < 0.1:
            return self.rng.choice([datetime.min, datetime.max]).replace(tzinfo=timezone.utc)
        micros = self.rng.choice([0, 0, 1, 999_999, 1000, self.rng.randrange(1_000_000)])
        day = datetime(1, 1, 1, tzinfo=timezone.utc) + timedelta(days=self.rng.randrange(3_652_000), seconds=self.rng.randrange(86_400))
        return day.replace(microsecond=micros)

    def key(self, kind):
        text = self.key_text(kind)
        return kind.from_string(text)

    def key_text(self, kind):
        word, pick = (lambda: self.rng.choice(WORDS)), self.rng.choice
        slug, any_slug = (lambda: pick(SLUGS)), (lambda: pick(ANY_SLUGS))
        version = pick(["", "", f"+branch@{pick(['draft-branch', 'published'])}", f"+branch@b+version@{pick(HEX24)}", f"+version@{pick(HEX24)}"])
        run = f"{word()}+{word()}+{word()}{version}"
        old = f"{slug()}/{slug()}"
        ccx = f"+ccx@{self.rng.randrange(10**6)}"
        choices = {
            CourseKey: [f"course-v1:{run}"] * 4 + [f"course-v1:version@{pick(HEX24)}", f"{old}/{slug()}", f"ccx-v1:{run}{ccx}",
                                                  f"library-v1:{word()}+{word()}{version}"],
            CCXLocator: [f"ccx-v1:{run}{ccx}"],
            UsageKey: [f"block-v1:{run}+type@{word()}+block@{word()}"] * 3 + [
                f"i4x://{old}/{slug()}/{pick(SLUGS)}{pick(['', '@draft'])}", f"lb:{slug()}:{any_slug()}:{slug()}:{any_slug()}",
                f"lib-block-v1:{word()}+{word()}{version}+type@{word()}+block@{word()}", f"ccx-block-v1:{run}{ccx}+type@{word()}+block@{word()}",
                f"aside-usage-v1:block-v1:a+b+c+type@{slug()}+block@{slug()}::{slug()}",
                f"aside-usage-v2:block-v1$:a+b+c+type@{slug()}+block@{slug()}::{slug()}"],
            LibraryLocatorV2: [f"lib:{slug()}:{any_slug()}"],
            LibraryUsageLocatorV2: [f"lb:{slug()}:{any_slug()}:{slug()}:{any_slug()}"],
            LibraryCollectionLocator: [f"lib-collection:{slug()}:{any_slug()}:{any_slug()}"],
            LibraryContainerLocator: [f"lct:{slug()}:{any_slug()}:{slug()}:{any_slug()}"],
        }
        return pick(choices[kind])


def as_read_by_python(kind, value):
    """What openedx-events makes of a value that it reads: false values of members with a default become the default."""
    if hasattr(kind, "__attrs_attrs__"):
        members = {}
        for attribute in kind.__attrs_attrs__:
            member = getattr(value, attribute.name)
            if attribute.default is attr.NOTHING or plain(member):
                members[attribute.name] = as_read_by_python(attribute.type, member)
        return kind(**members)
    if typing.get_origin(kind) is list:
        return [as_read_by_python(typing.get_args(kind)[0], item) for item in value]
    return value


def plain(member):
    return member is not None and member is not False and member != 0 and member != "" and member != [] and member != {}


def same(a, b):
    """Equal, with types, and NaN equal to itself."""
    if hasattr(type(a), "__attrs_attrs__"):
        return type(a) is type(b) and all(same(getattr(a, x.name), getattr(b, x.name)) for x in type(a).__attrs_attrs__)
    if isinstance(a, float) and isinstance(b, float) and math.isnan(a):
        return math.isnan(b)
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(same(a[key], b[key]) for key in a)
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(map(same, a, b))
    return type(a) is type(b) and a == b
