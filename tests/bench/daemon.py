"""A perfrigd for benchmarks, and what the kernel knows about it."""

import json
import os
import subprocess

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "../.."))
BIN = os.path.join(ROOT, "build/bin")


class Daemon:
    """A perfrigd on free ports for as long as a `with` block lasts."""

    def __init__(self, *flags):
        self._flags = flags

    def __enter__(self):
        read, write = os.pipe()
        exit_read, self._alive = os.pipe()
        ports = [f"--{name}-address=127.0.0.1:0"
                 for name in ("control", "http", "target")]
        self.process = subprocess.Popen(
            [f"{BIN}/perfrigd", *ports, f"--ready-fd={write}",
             f"--exit-with-fd={exit_read}", "--log-level=error", *self._flags],
            pass_fds=(write, exit_read), stdin=subprocess.DEVNULL)
        os.close(write)
        os.close(exit_read)
        with os.fdopen(read, encoding="utf-8") as ready:
            fields = dict(field.split("=", 1)
                          for field in ready.readline().split())
        self.control, self.target = fields["control"], fields["target"]
        return self

    def __exit__(self, *_):
        os.close(self._alive)
        self.process.wait(60)

    def cpu_seconds(self):
        with open(f"/proc/{self.process.pid}/stat", encoding="utf-8") as file:
            fields = file.read().rsplit(")", 1)[1].split()
        return ((int(fields[11]) + int(fields[12])) /
                os.sysconf("SC_CLK_TCK"))

    def resident_kib(self):
        with open(f"/proc/{self.process.pid}/status",
                  encoding="utf-8") as file:
            for line in file:
                if line.startswith("VmRSS:"):
                    return int(line.split()[1])
        raise RuntimeError("no VmRSS")

    def perfrig(self, *arguments):
        """What the command line says, as JSON."""
        return json.loads(subprocess.run(
            [f"{BIN}/perfrig", "--address", self.control, "--output", "json",
             *arguments], check=True, capture_output=True, text=True).stdout)

    def echoes_in_flight(self):
        shown = self.perfrig("target", "show", "echo")
        return int(shown.get("statistics", {}).get("inFlight", 0))
