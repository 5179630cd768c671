"""Starts the real binaries, and ends what it started.

PERFRIG_BIN names the folder of perfrigd and perfrig, PERFRIG_SOURCE the
repository.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import unittest
import uuid

BIN = os.path.abspath(os.environ.get("PERFRIG_BIN", "build/bin"))
SOURCE = os.environ.get("PERFRIG_SOURCE", os.getcwd())
TOOLS = os.path.join(SOURCE, "build", "tools")

# Sanitizers cost more than the bounds of shipped suites leave.
SANITIZED = os.environ.get("PERFRIG_SANITIZE", "") != ""

PASS, USAGE, NO_DAEMON, INVALID, FAIL, CANCELLED = 0, 2, 3, 97, 99, 130

QUICK = """
suite: e2e-quick
title: A few echoes.
target: self
tests:
  echo:
    call: perfrig.target.v1.Echo/Call
    data: { text: hello }
    load: { users: 2, iterations: 200 }
    expect: [ "latency.p50 < 5s" ]
"""

# No call over a network takes less than a nanosecond, whoever measures.
FAILING = QUICK.replace("e2e-quick", "e2e-failing").replace("5s", "1ns")

LONG = """
suite: e2e-long
title: Goes on for longer than anyone waits.
target: self
tests:
  echo:
    call: perfrig.target.v1.Echo/Call
    data: { text: hello }
    load: { rate: 50/s, duration: 10m }
    expect: [ "latency.p50 < 5s" ]
"""

BROKEN = """
suite: e2e-broken
title: Says what is wrong, and where.
target: self
tests:
  echo:
    call: perfrig.target.v1.Echo/Cal
    load: { rate: -5/s, duration: 1s }
    expect: [ "latency.p95 < 5s", "latncy.p95 < 5s" ]
"""


def environment(**more):
    """Without what the person who runs the tests has set for perfrig."""
    kept = {name: value for name, value in os.environ.items()
            if not name.startswith("PERFRIG")}
    return {**kept, **more}


def wait_until(condition, seconds, what):
    """The first true value of `condition`; fails the test after `seconds`."""
    stop = time.monotonic() + seconds
    while time.monotonic() < stop:
        value = condition()
        if value:
            return value
        time.sleep(0.05)
    raise AssertionError(f"not within {seconds} s: {what}")


class Daemon:
    """A perfrigd on free ports; ends when the `with` block does."""

    def __init__(self, *flags, ports=None, wrapper=(), **variables):
        exit_read, self._exit_write = os.pipe()
        ready_read, ready_write = os.pipe()
        self.log = tempfile.TemporaryFile()
        addresses = ports or {"control": "127.0.0.1:0", "http": "127.0.0.1:0",
                              "target": "127.0.0.1:0"}
        command = [*wrapper, os.path.join(BIN, "perfrigd")]
        for name, address in addresses.items():
            command += [f"--{name}-address", address]
        command += ["--ready-fd", str(ready_write),
                    "--exit-with-fd", str(exit_read), *flags]
        self.process = subprocess.Popen(
            command, pass_fds=(ready_write, exit_read),
            stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log,
            env=environment(**variables))
        os.close(exit_read)
        os.close(ready_write)
        with os.fdopen(ready_read, encoding="utf-8") as ready:
            # Empty if it ended instead.
            self.ready_line = ready.readline()
        fields = dict(field.split("=", 1)
                      for field in self.ready_line.split() if "=" in field)
        self.control = fields.get("control")
        self.http = fields.get("http")
        self.target = fields.get("target")

    def __enter__(self):
        if not self.control:
            code = self.process.wait(30)
            raise AssertionError(
                f"perfrigd ended with {code}:\n{self.log_text()}")
        return self

    def __exit__(self, kind, value, trace):
        if self.process.poll() is None:
            self.let_go()
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        if kind is not None:
            print(self.log_text(), file=sys.stderr)
        self.log.close()

    def let_go(self):
        """Closes the pipe that keeps it alive."""
        if self._exit_write is not None:
            os.close(self._exit_write)
            self._exit_write = None

    def signal(self, number=signal.SIGTERM):
        self.process.send_signal(number)

    def log_text(self):
        self.log.seek(0)
        return self.log.read().decode(errors="replace")


class TestCase(unittest.TestCase):
    """With a folder of its own and the command line at hand."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        # Inherited by all that a command starts, so that leftovers show.
        self.mark = f"PERFRIG_E2E={uuid.uuid4()}"

    def suite(self, text):
        """Writes a suite file and says where."""
        name = text.split("suite: ")[1].split("\n")[0]
        path = os.path.join(self.folder, name + ".yaml")
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def start(self, *arguments, daemon=None, **keywords):
        """perfrig with `arguments`, as Popen."""
        variables = dict([self.mark.split("=")])
        if daemon is not None:
            variables["PERFRIG_ADDRESS"] = daemon.control
        process = subprocess.Popen(
            [os.path.join(BIN, "perfrig"), *arguments],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True, env=environment(**variables),
            **keywords)

        def end():
            if process.poll() is None:
                process.kill()
            process.wait()
            process.stdout.close()
            process.stderr.close()
        self.addCleanup(end)
        return process

    def perfrig(self, *arguments, daemon=None, code=0, timeout=90):
        """Its standard output, after it has ended with `code`."""
        process = self.start(*arguments, daemon=daemon)
        out, err = process.communicate(timeout=timeout)
        self.assertEqual(process.returncode, code,
                         f"perfrig {' '.join(arguments)}\n{out}\n{err}")
        self.last_error = err
        return out

    def run_of(self, daemon, name=None):
        """A run by name, or the newest one; None if there is none."""
        if name is None:
            listed = json.loads(
                self.perfrig("runs", "--output", "json", daemon=daemon))
            runs = listed.get("runs", [])
            return runs[0] if runs else None
        process = self.start("result", name, "--output", "json",
                             daemon=daemon)
        out, _ = process.communicate(timeout=30)
        return json.loads(out)

    def wait_for_state(self, daemon, state, seconds=20):
        def in_state():
            run = self.run_of(daemon)
            return run if run and run.get("state") == state else None
        return wait_until(in_state, seconds, f"a run that is {state}")

    def left_behind(self):
        """Processes that a command of this test started and that still run."""
        found = []
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open(f"/proc/{pid}/environ", "rb") as file:
                    if self.mark.encode() in file.read().split(b"\0"):
                        found.append(int(pid))
            except OSError:
                continue
        return found
