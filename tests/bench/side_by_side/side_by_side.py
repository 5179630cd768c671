#!/usr/bin/env python3
"""What a call costs the one who makes it: perfrig beside its peers.

All call Echo of one perfrigd: 100 B, 100 in flight, 4 connections, closed
loop, in alternating rounds of the same minutes. CPU is what the kernel
charged the client's process. `generator` is perfrig's load path alone,
`perfrig` a second perfrigd that runs it for the command line, and what that
took to watch it is told apart. The medians of the rounds are shown.

Differences that cannot be had away: k6 opens a connection for each of its
users; fortio calls grpc.health.v1.Health/Check, for it knows no other method.
"""

import argparse
import collections
import json
import os
import re
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))
from daemon import BIN, Daemon, ROOT

TOOLS = os.path.join(ROOT, "build/tools")
METHOD = "perfrig.target.v1.Echo/Call"

CONNECTIONS = 4
IN_FLIGHT = 100
PAYLOAD = 100

Measured = collections.namedtuple("Measured",
                                  "calls cpu_seconds watcher_seconds",
                                  defaults=(0.0,))


def run(command, **variables):
    """Standard output of a command that ends well, and its CPU seconds."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, capture_output=True, text=True, check=False,
                          stdin=subprocess.DEVNULL,
                          env={**os.environ, **variables})
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode != 0:
        raise RuntimeError(f"{command[0]} exited with {done.returncode}:\n"
                           f"{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return done.stdout, (after.ru_utime - before.ru_utime +
                         after.ru_stime - before.ru_stime)


def with_h2load(address, seconds, folder, in_flight=IN_FLIGHT,
                connections=CONNECTIONS):
    body = os.path.join(folder, "body")
    message = b"\x0a" + bytes([PAYLOAD]) + b"x" * PAYLOAD
    with open(body, "wb") as file:
        file.write(b"\0" + len(message).to_bytes(4, "big") + message)
    out, cpu = run(["h2load", "-c", str(connections), "-t", "1",
                    "-m", str(in_flight // connections), "-D", str(seconds),
                    "-d", body, "-H", "content-type: application/grpc",
                    "-H", "te: trailers", f"http://{address}/{METHOD}"])
    return Measured(int(re.search(r"(\d+) succeeded", out).group(1)), cpu)


def with_grpcpp(address, seconds, _folder):
    out, cpu = run([f"{BIN}/grpcpp_loop", address, str(seconds),
                    str(CONNECTIONS), str(IN_FLIGHT), str(PAYLOAD)])
    return Measured(int(out.split()[1]), cpu)


def with_ghz(address, seconds, _folder):
    out, cpu = run([f"{TOOLS}/ghz", "--insecure", "--proto",
                    f"{ROOT}/proto/perfrig/target/v1/echo.proto",
                    "-i", f"{ROOT}/proto", "--call", METHOD,
                    "-d", json.dumps({"text": "x" * PAYLOAD}),
                    "-c", str(IN_FLIGHT), "--connections", str(CONNECTIONS),
                    "-z", f"{seconds}s", "-O", "json", address])
    return Measured(json.loads(out)["statusCodeDistribution"]["OK"], cpu)


def with_fortio(address, seconds, folder):
    path = os.path.join(folder, "fortio.json")
    _, cpu = run([f"{TOOLS}/fortio", "load", "-quiet", "-grpc", "-qps", "0",
                  "-c", str(CONNECTIONS), "-s", str(IN_FLIGHT // CONNECTIONS),
                  "-t", f"{seconds}s", "-json", path, address])
    with open(path, encoding="utf-8") as file:
        return Measured(json.load(file)["DurationHistogram"]["Count"], cpu)


def with_k6(address, seconds, folder):
    path = os.path.join(folder, "k6.json")
    _, cpu = run([f"{TOOLS}/k6", "run", "--quiet", "--no-usage-report",
                  "--summary-export", path, f"{HERE}/k6.js"],
                 ADDRESS=address, SECONDS=str(seconds), PAYLOAD=str(PAYLOAD),
                 IN_FLIGHT=str(IN_FLIGHT), PROTO_DIR=f"{ROOT}/proto")
    with open(path, encoding="utf-8") as file:
        return Measured(json.load(file)["metrics"]["iterations"]["count"], cpu)


def generator(address, *flags):
    """What generator_bench says, by name, and its whole CPU seconds."""
    out, cpu = run([f"{BIN}/generator_bench", address,
                    *(str(flag) for flag in flags)])
    figures = {name: float(value) for name, value in
               (field.split("=") for field in out.split())}
    if figures["failed"] != 0:
        raise RuntimeError(f"generator_bench: calls failed: {out}")
    return figures, cpu


def with_generator(address, seconds, _folder):
    figures, cpu = generator(address, "--users", IN_FLIGHT, "--connections",
                             CONNECTIONS, "--bytes", PAYLOAD, "--warmup", 0,
                             "--seconds", seconds)
    return Measured(int(figures["calls"]), cpu)


def with_perfrig(address, seconds, _folder):
    with Daemon() as daemon:
        before = daemon.cpu_seconds()
        out, watcher = run(
            [f"{BIN}/perfrig", "--address", daemon.control, "--output",
             "json", "call", address, METHOD, "-d",
             json.dumps({"text": "x" * PAYLOAD}), "--users", str(IN_FLIGHT),
             "--connections", str(CONNECTIONS), "--duration", f"{seconds}s"])
        cpu = daemon.cpu_seconds() - before
    calls = json.loads(out)["suites"][0]["tests"][0]["figures"]["ok"]
    return Measured(int(calls), cpu, watcher)


CLIENTS = {
    "generator": with_generator,
    "perfrig": with_perfrig,
    "h2load": with_h2load,
    "grpc++ loop": with_grpcpp,
    "fortio": with_fortio,
    "ghz": with_ghz,
    "k6": with_k6,
}


def available(name):
    tool = {"h2load": "h2load", "grpc++ loop": f"{BIN}/grpcpp_loop",
            "generator": f"{BIN}/generator_bench",
            "perfrig": f"{BIN}/perfrig"}.get(name, f"{TOOLS}/{name}")
    return shutil.which(tool) is not None


def measure(names, seconds, rounds):
    """Microseconds of CPU a call and calls a second, a list for each name."""
    costs, rates = ({name: [] for name in names} for _ in range(2))
    with Daemon() as server, tempfile.TemporaryDirectory() as folder:
        for number in range(1, rounds + 1):
            for name in names:
                measured = CLIENTS[name](server.target, seconds, folder)
                costs[name].append(measured.cpu_seconds / measured.calls * 1e6)
                rates[name].append(measured.calls / seconds)
                watcher = measured.watcher_seconds / measured.calls * 1e6
                note = f"  + {watcher:.2f} µs to watch" if watcher else ""
                print(f"round {number}  {name:<12} {costs[name][-1]:7.2f} µs  "
                      f"{rates[name][-1]:9,.0f} calls/s{note}", flush=True)
    return costs, rates


def report(costs, rates):
    """Prints the table."""
    medians = {name: statistics.median(values)
               for name, values in costs.items()}
    own = medians.get("generator")
    print(f"\n{'client':<12} {'CPU a call':>12} {'calls/s':>10} "
          f"{'generator ÷ it':>15}")
    for name, cost in medians.items():
        ratio = "" if own is None else f"{own / cost:15.2f}"
        print(f"{name:<12} {cost:9.2f} µs "
              f"{statistics.median(rates[name]):10,.0f}{ratio}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--clients", default=",".join(CLIENTS),
                        help="separated by commas; default: %(default)s")
    arguments = parser.parse_args()
    names = []
    for name in arguments.clients.split(","):
        if available(name):
            names.append(name)
        else:
            print(f"{name} is not there", file=sys.stderr)
    report(*measure(names, arguments.seconds, arguments.rounds))
    return 0


if __name__ == "__main__":
    sys.exit(main())
