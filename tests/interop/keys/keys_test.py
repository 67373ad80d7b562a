"""Compares our keys, times and UUIDs with opaque_keys, ccx_keys and Python's own: keys_test.py PEER [SEED [ROUNDS]]

Texts made by hand, and ROUNDS mutations of them for every kind, must be refused by both or be read by both and be written alike. Where ours is
stricter on purpose, the functions below say; docs/decisions/0004-stricter-than-python.md tells why."""
import pathlib
import random
import re
import sys
import time
from datetime import datetime, timezone
from uuid import UUID

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "peer"))
from peer import Peer, set_up_openedx_events  # noqa: E402

set_up_openedx_events()

from ccx_keys.locator import CCXLocator  # noqa: E402
from opaque_keys import InvalidKeyError  # noqa: E402
from opaque_keys.edx.keys import CourseKey, UsageKey  # noqa: E402
from opaque_keys.edx.locator import (LibraryCollectionLocator, LibraryContainerLocator, LibraryLocatorV2,  # noqa: E402
                                     LibraryUsageLocatorV2)

KEYS = [CourseKey, CCXLocator, UsageKey, LibraryLocatorV2, LibraryUsageLocatorV2, LibraryCollectionLocator, LibraryContainerLocator]
GUID = "519665f6223ebd6980884f2b"
KEY_TEXTS = [
    "", ":", "+", "/", "//", "course-v1", "course-v1:", "course-v1:a", "course-v1:a+b", "course-v1:a+b+c", "course-v1:a+b+c+", "course-v1:a+b+c+d",
    "course-v1:a++c", "course-v1:a b+c+d", "course-v1:a+b+c\n", "course-v1:é+課程+٣", "course-v1:a:b+c.d+e~f-g_h", "course-v1:a%+b+c",
    "course-v1:a+b+c+branch@d", "course-v1:a+b+c+branch@", f"course-v1:a+b+c+branch@d+version@{GUID}", f"course-v1:a+b+c+version@{GUID}",
    f"course-v1:version@{GUID}", f"course-v1:branch@b+version@{GUID}", f"course-v1:version@{GUID.upper()}", "course-v1:version@abc",
    f"course-v1:a+b+c+version@{GUID}+branch@d", "course-v1:a+b+c+type@t", "course-v1:a+b+c+type@t+block@b", "course-v1:a+b+c+block@b%20c",
    "course-v1:a+b+c+Branch@d", "course-v1:branch@b", f"course-v1:a+b+version@{GUID}", "Course-v1:a+b+c", " course-v1:a+b+c",
    "slashes:a+b+c", f"slashes:a+b+c+version@{GUID}", "a/b/c", "a/b/", "a//c", "/b/c", "a/b/c/d", "a.%/b-/c_", "a/b/c:d", "é/b/c", "a b/c/d", "a/b/c\n",
    "ccx-v1:a+b+c+ccx@1", "ccx-v1:a+b+c+CCX@1", "ccx-v1:a+b+c+ccx@x", "ccx-v1:a+b+c+ccx@٣", "ccx-v1:a+b+c", "ccx-v1:ccx@1", f"ccx-v1:version@{GUID}+ccx@1",
    f"ccx-v1:a+b+c+BRANCH@d+Version@{GUID.upper()}+ccx@007", "ccx-v1:a+b+ccx@1", "ccx-v1:a+b+c+ccx@1+type@t+block@b", "ccx-v1:a+b+c+ccx@1+block@%", "ccx-v1:a+b+c+ccx@1+",
    "course-v1:a+b:+c+branch@d",
    "library-v1:a+b", "library-v1:a+b+c", "library-v1:a", f"library-v1:a+b+version@{GUID}", f"library-v1:version@{GUID}", "library-v1:a+b+branch@l",
    "block-v1:a+b+c+type@t+block@b", "block-v1:a+b+c+type@t+block@", "block-v1:a+b+c+type@t", "block-v1:a+b+c+block@b", "block-v1:a+b+c",
    f"block-v1:a+b+c+branch@d+version@{GUID}+type@t+block@b", f"block-v1:version@{GUID}+type@t+block@b", "block-v1:a+b+c+type@t+block@b%20c",
    "block-v1:a+b+type@t+block@b", "block-v1:a+b+c+block@b+type@t", "block-v1:a+b+c+type@t+block@b+", "block-v1:a+b+c+type@t+block@b+c",
    "block-v1:a+b+c+type@t:u+block@b:c~d", "BLOCK-v1:a+b+c+type@t+block@b",
    "i4x://a/b/c/d", "i4x://a/b/c/d@e", "i4x://a/b/c/d@", "i4x://a/b/c", "i4x://a/b//d", "i4x:/a/b/c/d", "i4x://a/b/c d/e", "i4x://a/b/c/d/e", "i4x://a/b/c/d:~%",
    "i4x://a/b/c/d\n", "i4x://a/b/c\n/d", "I4X://a/b/c/d", "i4x://é/b/c/d", "c4x://a/b/c/d",
    "location:a+b+c+t+d", "location:a+b+c+t", "location:a+b+c+t+d+e", "location:a+b+c+t+d%",
    "ccx-block-v1:a+b+c+ccx@1+type@t+block@b", "ccx-block-v1:a+b+c+type@t+block@b", "ccx-block-v1:a+b+c+CCX@1+TYPE@t+Block@b", "ccx-block-v1:a+b+c+ccx@1",
    "ccx-block-v1:a+b+c+ccx@1+block@b", "ccx-block-v1:a+b+c+ccx@1+type@t+block@b%20", "ccx-block-v1:a+b+c+ccx@1+bloc\u212a@b",
    "lib-block-v1:a+b+type@t+block@b", "lib-block-v1:a+b+c+type@t+block@b", f"lib-block-v1:a+b+version@{GUID}+type@t+block@b", "lib-block-v1:a+b+block@b",
    "lib-block-v1:a+b+type@t+block@b%20",
    "lib:a:b", "lib:a:b:c", "lib:a", "lib:a:", "lib::b", "lib:a.b-c_d:é", "lib:é:b", "lib:a b:c", "lib:a:b\n", "lib:a\n:b", "lib:a:b\n\n", "lib:a:b~c", "LIB:a:b",
    "lb:a:b:c:d", "lb:a:b:c", "lb:a:b:c:d:e", "lb:a:é:c:é", "lb:a:b:é:d", "lb:a:b:c:d\n", "lb:a:b:c d:e",
    "lib-collection:a:b:c", "lib-collection:a:b", "lib-collection:a:é:é", "lib-collection:é:b:c", "lib-collection:a:b:c\n", "lib-collection:a:b:c:d",
    "lct:a:b:unit:c", "lct:a:b:unit", "lct:a:b:unit:c:d", "lct:a:é:unit:é", "lct:a:b:é:c", "lct:a:b:unit:c\n",
    "aside-usage-v1:block-v1:a+b+c+type@t+block@b::x", "aside-usage-v1:block-v1:a+b+c+type@t+block@b", "aside-usage-v1:lb:a:b:c:d::x",
    "aside-usage-v1:block-v1:a+b+c+type@t+block@b$::c::x", "aside-usage-v1:i4x://a/b/c/d::x", "aside-usage-v1:block-v1:a+b+c+type@t+block@b::",
    "aside-usage-v2:block-v1$:a+b+c+type@t+block@b::x", "aside-usage-v2:block-v1:a+b+c+type@t+block@b::x", "aside-usage-v2:lb$:a$:b$:c$:d::x$:y$$",
    "aside-usage-v2:aside-usage-v2$:block-v1$$$:a+b+c+type@t+block@b$:$:x::y", "aside-usage-v2:block-v1$:a+b+c+type@t+block@b::$",
    "aside-def-v1:def-v1:519665f6223ebd6980884f2b+type@t::x", "def-v1:519665f6223ebd6980884f2b+type@t", "asset-v1:a+b+c+type@asset+block@d.jpg",
]
TIME_TEXTS = [
    "", "x", "2021-06-09T14:12:45.320819+00:00", "2021-06-09T14:12:45Z", "2021-06-09T14:12:45", "2021-06-09 14:12:45", "2021-06-09é14:12:45", "2021-06-09",
    "20210609", "20210609T141245", "20210609T141245.1Z", "2021-W23-3", "2021W233", "2021-W23", "2021W23", "2021-W53-1", "2020-W53-7", "2021-W00", "2021-W54",
    "2021-W23-8", "2021-W23-0", "2021-06-09T14", "2021-06-09T14:12", "2021-06-09T1412", "2021-06-09T14:1245", "2021-06-09T1412:45", "2021-06-09T14:12:45.1",
    "2021-06-09T14:12:45.123456789", "2021-06-09T14:12:45,5", "2021-06-09T14:12:45.", "2021-06-09T14.5", "2021-06-09T14:12.5", "2021-06-09T24:00:00",
    "2021-06-09T23:59:60", "2021-06-09T14:60", "2021-06-09T14:12:45+05:30", "2021-06-09T14:12:45+0530", "2021-06-09T14:12:45+05", "2021-06-09T14:12:45-23:59:59",
    "2021-06-09T14:12:45+24:00", "2021-06-09T14:12:45+00:00:00.5", "2021-06-09T14:12:45-00:00", "2021-06-09T14:12:45+", "2021-06-09T14:12:45Z0",
    "2021-06-09T14:12:45 +00:00", "2021-06-09TZ", "2021-06-09T", "2021-02-29", "2024-02-29", "1900-02-29", "2000-02-29", "0001-01-01T00:00:00+00:00", "0000-01-01",
    "0001-01-01T00:00:00+00:01", "9999-12-31T23:59:59.999999-00:01", "9999-12-31T23:59:59.999999", "10000-01-01", "2021-6-9", "2021/06/09", "2021-13-01", "2021-00-01",
    "2021-06-31", "2021-06-00", "2021-160", "2021160", "２021-06-09", "2021-06-09T14:12:45\n", " 2021-06-09", "9999-W52-7", "0001-W01-1", "2021-06-09T14:12:45+05:30Z",
    "2021-06-09T14:12:45.32+05:30:10.123456", "202106-09", "2021-0609", "2021-W233", "2021W23-3", "2021W23-3T10", "2021W23T10", "2021-W23T10", "2021-W23-3T10:00Z",
]
UUID_TEXTS = ["", "3fa85f64-5717-4562-b3fc-2c963f66afa6", "3FA85F64-5717-4562-B3FC-2C963F66AFA6", "3fa85f6457174562b3fc2c963f66afa6",
              "{3fa85f64-5717-4562-b3fc-2c963f66afa6}", "urn:uuid:3fa85f64-5717-4562-b3fc-2c963f66afa6", "uuid:3fa85f6457174562b3fc2c963f66afa6",
              "uurn:rn:uuid:3fa85f6457174562b3fc2c963f66afa6", "uuuid:uid:3fa85f6457174562b3fc2c963f66afa6", "}3fa85f6457174562b3fc2c963f66afa6{", "-{3fa85f6457174562b3fc2c963f66afa6}",
              "3fa85f6457174562b3fc2c963f66afa", "3fa85f6457174562b3fc2c963f66afa66", "3fa85f6457174562b3fc2c963f66afag", "0x3fa85f6457174562b3fc2c963f66af",
              "3fa85f64_5717_4562_b3fc_2c963f66", "+3fa85f6457174562b3fc2c963f66afa", " 3fa85f6457174562b3fc2c963f66afa", "３fa85f6457174562b3fc2c963f66afa6", "00000000-0000-0000-0000-000000000000"]
# What the grammars look at, and neighbours of it: other digits and letters, letters whose lower case is ASCII, blanks, line ends.
CHARACTERS = list("+@:/.~-_%$ aAfFgkKsStTzZWw0159,\n\r\t\0\"é課") + ["٣", "½", "²", "€", "\u017f", "\u212a", "\u2028", "\u0301", "\u200d", "\U0001f600", "\U00020000"]
PIECES = ["+", "::", "@", "$", "$$", "$:", "branch@", f"version@{GUID}", "ccx@1", "type@t", "block@b", "course-v1:", "block-v1:", "lb:", "+00:00", "Z", "T", ".5", "-W05", "urn:", "{"]


CLOCK = r"[0-9]{2}(?:(?::[0-9]{2}){0,2}|[0-9]{2}|[0-9]{4})(?:[.,][0-9]+)?"
OFFSET = CLOCK.replace("[0-9]{2}", "[0-5][0-9]").replace("[0-9]{4}", "[0-5][0-9][0-5][0-9]")
DATE = r"[0-9]{4}-(?:[0-9]{2}-[0-9]{2}|W[0-9]{2}(?:-[0-9])?)|[0-9]{4}(?:[0-9]{4}|W[0-9]{2,3})"
TIME = rf"{CLOCK}(?:Z|[+-]{OFFSET})?"
STRICT_TIME = re.compile(rf"(?:{DATE})(?:.{TIME})?", re.DOTALL)
# Digits behind the hyphen of a week are a time to Python, not a day.
WEEK_AND_TIME = re.compile(r"[0-9]{4}-W[0-9]{2}-.[0-9]", re.DOTALL)


def is_strict_time(text):
    if WEEK_AND_TIME.match(text):
        return re.fullmatch(TIME, text[9:]) is not None
    return STRICT_TIME.fullmatch(text) is not None


def key_in_python(kind):
    def canonical(text):
        try:
            return str(kind.from_string(text))
        except InvalidKeyError:
            return None
    return canonical


def time_in_python(text):
    # Python passes over a stray character before an offset, takes a fraction without its point, and offsets of more than 59 minutes.
    if not is_strict_time(text):
        return None
    try:
        read = datetime.fromisoformat(text)
        return read.replace(tzinfo=timezone.utc).isoformat() if read.tzinfo is None else read.astimezone(timezone.utc).isoformat()
    except (ValueError, OverflowError):
        return None


def uuid_in_python(text):
    # int(), which UUID uses, takes signs, blanks, underscores, 0x and digits of other scripts as well.
    digits = text.replace("urn:", "").replace("uuid:", "").strip("{}").replace("-", "")
    return str(UUID(text)) if re.fullmatch("[0-9a-fA-F]{32}", digits) else None


def mutated(rng, texts):
    text = rng.choice(texts)
    for _ in range(rng.choice([1, 1, 1, 2, 3])):
        at = rng.randint(0, len(text))
        action = rng.randrange(6)
        if action == 0:
            text = text[:at] + rng.choice(CHARACTERS) + text[at:]
        elif action == 1:
            text = text[:at] + text[at + 1:]
        elif action == 2:
            text = text[:at] + rng.choice(CHARACTERS) + text[at + 1:]
        elif action == 3:
            text = text[:at] + rng.choice(PIECES) + text[at:]
        elif action == 4:
            other = rng.choice(texts)
            text = text[:at] + other[rng.randint(0, len(other)):]
        else:
            end = rng.randint(at, len(text))
            text = text[:end] + text[at:]
    return text[:500]


def check(peer, rng, rounds, kind, in_python, by_hand):
    good = [text for text in by_hand if in_python(text) is not None]
    assert good, kind
    texts = by_hand + [mutated(rng, good if rng.random() < 0.8 else by_hand) for _ in range(rounds)]
    ours = peer.ask(kind=kind, texts=texts)["results"]
    accepted = 0
    for text, result in zip(texts, ours, strict=True):
        expected = in_python(text)
        assert result == expected, f"{kind} {text!r}: ours {result!r}, Python {expected!r}"
        accepted += expected is not None
    # Both answers must be there often for the comparison to mean much.
    assert rounds // 50 < accepted < len(texts) - rounds // 50, f"{kind}: {accepted} of {len(texts)} are read"
    print(f"{kind}: {len(texts)} texts alike, {accepted} of them read")


def main():
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else time.time_ns() % 1_000_000_000
    rounds = int(sys.argv[3]) if len(sys.argv) > 3 else 5000
    print(f"seed {seed}", flush=True)
    rng = random.Random(seed)
    peer = Peer(sys.argv[1])
    for kind in KEYS:
        check(peer, rng, rounds, kind.__name__, key_in_python(kind), KEY_TEXTS)
    check(peer, rng, rounds, "datetime", time_in_python, TIME_TEXTS)
    check(peer, rng, rounds, "UUID", uuid_in_python, UUID_TEXTS)


main()
