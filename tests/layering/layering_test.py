"""Holds the layers: a room includes only the rooms that its target uses, and only ones above it in the list of layers."""

import json
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(sys.argv[1])
BUILD = pathlib.Path(sys.argv[2])

# The layers from the top, as in docs/architecture.md: a room may use what stands before it.
LAYERS = ["event", "sqlite", "redis", "kafka", "avro", "registry", "settings", "catalogue", "broker", "broker/memory", "broker/embedded", "broker/redis",
          "broker/kafka", "bus", "command"]
# The vocabulary of brokers knows neither schemas nor events' types: they reach it as bytes and text.
FORBIDDEN = {("broker", "avro"), ("broker", "catalogue"), ("settings", "avro"), ("avro", "settings"),
             ("broker/embedded", "broker/memory"), ("broker/memory", "catalogue"), ("broker/embedded", "catalogue"),
             ("broker/redis", "broker/memory"), ("broker/redis", "broker/embedded"), ("broker/redis", "catalogue"),
             ("broker/redis", "avro"), ("registry", "kafka"), ("broker/kafka", "broker/memory"), ("broker/kafka", "broker/embedded"),
             ("broker/kafka", "broker/redis"), ("broker/kafka", "catalogue")}
# What a room for others may be used by; nothing else may know of it.
ONLY_FOR = {"redis": {"broker/redis"}, "kafka": {"broker/kafka"}}
INCLUDE = re.compile(r'^\s*#\s*include\s+"eventbus/((?:[a-z_]+/)+)[a-z_0-9]+\.hpp"', re.MULTILINE)


def sources(folder):
    return [p for p in folder.iterdir() if p.suffix in (".hpp", ".cpp")]


def included_rooms(path):
    return {match.rstrip("/") for match in INCLUDE.findall(path.read_text())}


class Layering(unittest.TestCase):
    def test_every_folder_is_a_layer(self):
        folders = {str(p.parent.relative_to(ROOT / "eventbus")) for p in (ROOT / "eventbus").rglob("*.cpp")}
        self.assertEqual(folders, set(LAYERS))

    def test_rooms_include_only_layers_above(self):
        for depth, room in enumerate(LAYERS):
            for path in sources(ROOT / "eventbus" / room):
                for used in included_rooms(path) - {room}:
                    with self.subTest(file=str(path.relative_to(ROOT)), uses=used):
                        self.assertIn(used, LAYERS[:depth])
                        self.assertNotIn((room, used), FORBIDDEN)
                        self.assertIn(room, ONLY_FOR.get(used, LAYERS))

    def test_the_program_uses_public_headers_only(self):
        installed = {str(p.relative_to(BUILD / "include")).split("/eventbus/", 1)[1]
                     for p in (BUILD / "include").rglob("*.hpp")}
        for path in sources(ROOT / "apps" / "eventbus"):
            for header in re.findall(r'#\s*include\s+"eventbus/([^"]+)"', path.read_text()):
                with self.subTest(file=path.name, header=header):
                    self.assertIn(header, installed)

    def compiles(self, room_source, include):
        commands = json.loads((BUILD / "compile_commands.json").read_text())
        command = next(c for c in commands if c["file"].endswith(room_source))
        words = shlex.split(command["command"])
        if words[0].endswith("ccache"):
            words = words[1:]
        with tempfile.TemporaryDirectory() as scratch:
            probe = pathlib.Path(scratch) / "probe.cpp"
            probe.write_text(f'#include "{include}"\n')
            output = words.index("-o")
            words = words[:output] + words[output + 2:]
            words = [str(probe) if w.endswith(room_source) else w for w in words] + ["-fsyntax-only"]
            return subprocess.run(words, cwd=command["directory"], capture_output=True).returncode == 0

    def test_the_build_refuses_a_layer_below(self):
        source = "eventbus/event/timestamp.cpp"
        self.assertTrue(self.compiles(source, "eventbus/event/uuid.hpp"))
        self.assertFalse(self.compiles(source, "eventbus/avro/reader.hpp"))
        source = "eventbus/broker/commit_tracker.cpp"
        self.assertTrue(self.compiles(source, "eventbus/event/uuid.hpp"))
        self.assertFalse(self.compiles(source, "eventbus/bus/bus.hpp"))
        self.assertFalse(self.compiles(source, "eventbus/catalogue/catalogue.hpp"))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
