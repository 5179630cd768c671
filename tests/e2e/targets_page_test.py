"""docs/targets.md against the daemon: all targets, calls and options are
there, defaults and ranges are right, and what it tells people to type works."""

import json
import os
import re
import shlex
import subprocess
import unittest

import harness
from foreign_test import tool

with open(os.path.join(harness.SOURCE, "docs", "targets.md"),
          encoding="utf-8") as file:
    PAGE = file.read()

OPTION = re.compile(r"^\| `(\w+)` \| *(.*?) *\| *(.*?) *\|", re.MULTILINE)


def sections():
    """Text by target: its name is the heading."""
    parts = re.split(r"^## (.+)$", PAGE, flags=re.MULTILINE)
    named = dict(zip(parts[1::2], parts[2::2]))
    return {name: text for name, text in named.items()
            if re.fullmatch(r"[a-z_]+", name)}


def commands():
    blocks = re.findall(r"^```sh\n(.*?)^```", PAGE,
                        flags=re.MULTILINE | re.DOTALL)
    return [line for block in blocks for line in block.splitlines()]


class TargetsPage(harness.TestCase):

    @classmethod
    def setUpClass(cls):
        cls.daemon = harness.Daemon().__enter__()
        cls.addClassCleanup(cls.daemon.__exit__, None, None, None)

    def target(self, *arguments):
        return self.perfrig("target", *arguments, daemon=self.daemon)

    def shown(self, name):
        return json.loads(self.target("show", name, "--output", "json"))

    def test_every_target_has_its_section(self):
        listed = json.loads(self.target("list", "--output", "json"))["targets"]

        names = [target["name"].split("/")[1] for target in listed]

        self.assertEqual(sorted(sections()), sorted(names))

    def test_every_call_is_named(self):
        grpcurl = tool("grpcurl")
        for name, text in sections().items():
            service = self.shown(name)["service"]
            listed = subprocess.run(
                [grpcurl, "-plaintext", self.daemon.target, "list", service],
                capture_output=True, text=True, timeout=30, check=True)
            for method in listed.stdout.split():
                with self.subTest(method):
                    self.assertIn(f"`{method.rsplit('.', 1)[1]}`", text)

    def test_every_option_has_its_default_and_range(self):
        grpcurl = tool("grpcurl")
        for name, text in sections().items():
            message = "perfrig.v1.%sOptions" % "".join(
                part.capitalize() for part in name.split("_"))
            if name == "echo":
                continue
            described = subprocess.run(
                [grpcurl, "-plaintext", self.daemon.target, "describe",
                 message], capture_output=True, text=True, timeout=30,
                check=True).stdout
            known = re.findall(r"^ +optional [\w.]+ (\w+) = ", described,
                               flags=re.MULTILINE)
            told = OPTION.findall(text)
            self.assertEqual(sorted(known), sorted(row[0] for row in told),
                             name)
            for option, default, limits in told:
                with self.subTest(f"{name}.{option}"):
                    self.check_option(name, option, default, limits)
                self.target("reset", name)

    def check_option(self, name, option, default, limits):
        if default:
            self.target("set", name, "--set", f"{option}={default}")
        shown = self.shown(name)
        self.assertEqual(shown["behavior"], shown["defaultBehavior"])
        if " to " in limits:
            for value in limits.split(" to "):
                self.target("set", name, "--set", f"{option}={value}")

    def token_of(self, line, grpcurl):
        line = line.replace("localhost:7072", self.daemon.target).replace(
            "$(grpcurl", f"$({grpcurl}")
        done = subprocess.run(
            ["bash", "-ec", line + "; printf %s \"$TOKEN\""],
            capture_output=True, text=True, timeout=30, check=True)
        self.assertNotEqual(done.stdout, "")
        return done.stdout

    def test_what_it_tells_people_to_type_works(self):
        grpcurl = tool("grpcurl")
        token = ""
        for line in commands():
            with self.subTest(line):
                if line.startswith("TOKEN="):
                    token = self.token_of(line, grpcurl)
                    continue
                words = shlex.split(line.replace("$TOKEN", token))
                if words[0] == "grpcurl":
                    words[0] = grpcurl
                    words = [self.daemon.target if word == "localhost:7072"
                             else word for word in words]
                    done = subprocess.run(
                        words, capture_output=True, text=True, timeout=30,
                        check=False, env=harness.environment())
                    self.assertEqual(done.returncode, 0,
                                     done.stdout + done.stderr)
                else:
                    self.assertEqual(words[0], "perfrig")
                    self.perfrig(*words[1:], daemon=self.daemon)


if __name__ == "__main__":
    unittest.main(verbosity=2)
