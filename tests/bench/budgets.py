#!/usr/bin/env python3
"""Every budget of docs/benchmarks.md, and what this build needs.

    budgets.py [--seconds N] [--rounds N] [NAME...]

Servers are perfrigd processes on free ports, the load comes from other
processes; figures are medians of the rounds. Fails only if something could not
be measured: a figure over its budget may be the machine's fault.
"""

import argparse
import json
import os
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "side_by_side"))
from daemon import BIN, ROOT, Daemon
from side_by_side import (CLIENTS, CONNECTIONS, IN_FLIGHT, generator,
                          with_h2load)

HELD_CALLS = 50_000

# One call of each target; calls a second: 1,000, or half of what its capacity
# allows; and what it and those behind it are told, so that it waits itself and
# not for them. What is not hosted is left out.
SLOWLY = ["--delay", "20ms"]
AT_ONCE = ["--delay", "0s"]
TARGET_CALLS = {
    # 2 ms to its second tier and back, 20 ms to compute.
    "cache": ("Cache/GetOrCompute", {"key": "{{uuid}}"}, 1_000, {}),
    "classifier": ("Classifier/Classify", {"tenant": "a", "text": "hello"},
                   1_000, {}),
    "config": ("Config/Resolve", {"tenant": "a"}, 1_000,
               {"config": SLOWLY, "database": AT_ONCE}),
    "connection_pool": ("ConnectionPool/Use", {}, 1_000,
                        {"connection_pool": ["--delay", "10ms"]}),
    "database": ("Database/Query", {"table": "users", "key": "a"}, 500, {}),
    "echo": ("Echo/Call", {"text": "hello"}, 1_000, {"echo": SLOWLY}),
    "gateway": ("Gateway/SendMessage",
                {"tenant": "a", "user": "b", "text": "hello"}, 1_000,
                {"gateway": SLOWLY, "database": AT_ONCE,
                 "orchestrator": AT_ONCE}),
    # An upload's delay is the object store's.
    "ingest": ("Ingest/Upload",
               [{"header": {"name": "{{uuid}}"}}, {"chunk": "eA=="}], 1_000,
               {}),
    "object_store": ("ObjectStore/ListObjects", {}, 1_000, {}),
    "orchestrator": ("Orchestrator/Chat",
                     {"messages": [{"role": "USER", "text": "hello"}]}, 1_000,
                     {}),
    "template": ("Template/Render", {"text": "hello"}, 1_000,
                 {"template": SLOWLY}),
}


# What makes answers that take long, at which rate, and what it is told.
ROWS = {"query": {"limit": 1_000}}
SECTION = "{{#L}}" * 6 + "x" + "{{/L}}" * 6
LARGE_CALLS = {
    "20 Batches of 10,000 rows a second":
        ("Database/Batch", {"statements": [ROWS] * 10}, 20, {}),
    "5 values of 16 MiB a second":
        ("Cache/GetOrCompute", {"key": "{{uuid}}", "value_bytes": 16 << 20}, 5,
         {}),
    "4 renderings of 100 ms a second":
        ("Template/Render",
         {"text": SECTION, "variables": {"L": [{}] * 100}}, 4,
         {"template": ["--delay", "1ms", "--set", "output_bytes=100000000"]}),
}


class Table:
    """Prints a row as soon as it is known, and all of them at the end."""

    def __init__(self):
        self.rows = []

    def add(self, what, figure, unit, budget=None):
        """`budget`: at most; None: shown only."""
        self.text(what, f"{figure:,.2f} {unit}",
                  "" if budget is None else f"≤ {budget:,g} {unit}",
                  None if budget is None else figure <= budget)

    def text(self, what, figure, budget, within):
        verdict = {None: "shown", True: "ok", False: "over"}[within]
        self.rows.append((what, figure, budget, verdict))
        print("budget: " + " | ".join(self.rows[-1]), flush=True)

    def show(self):
        rows = [("what", "figure", "budget", ""), *self.rows]
        widths = [max(map(len, column)) for column in zip(*rows)]
        rows.insert(1, tuple("-" * width for width in widths))
        print()
        for row in rows:
            print("| " + " | ".join(cell.ljust(width) for cell, width
                                    in zip(row, widths)) + " |")
        verdicts = [row[3] for row in self.rows]
        print(f"\n{verdicts.count('ok')} within budget, "
              f"{verdicts.count('over')} over")


def median(rounds):
    """Of a list of figures, or by name of a list of dicts of them."""
    if isinstance(rounds[0], dict):
        return {name: statistics.median(each[name] for each in rounds)
                for name in rounds[0]}
    return statistics.median(rounds)


def benchmarks(program, count, *flags):
    """Figures of a Google Benchmark by name: the p95 of what is timed one by
    one, else CPU time."""
    rounds = []
    for _ in range(count):
        out = subprocess.run(
            [f"{BIN}/{program}", "--benchmark_format=json", *flags],
            capture_output=True, text=True, check=True).stdout
        rounds.append({each["name"]: each.get("p95_ns", each["cpu_time"])
                       for each in json.loads(out)["benchmarks"]})
    return median(rounds)


def lateness(table, options):
    """Mock lateness at 1,000/s while 10,000 other calls wait."""
    rounds = []
    for _ in range(options.rounds):
        # Its exit code says whether it is within the budget.
        out = subprocess.run([f"{BIN}/delay_bench"], capture_output=True,
                             text=True, check=False).stdout
        rounds.append({name: float(figure) for name, figure in re.findall(
            r"mock lateness (p\d+) +([\d.]+) us", out)})
    figures = median(rounds)
    table.add("mock lateness p50", figures["p50"], "µs", 100)
    table.add("mock lateness p99", figures["p99"], "µs", 500)


def token_of(server):
    """What Ingest lets in."""
    out = subprocess.run(
        [os.path.join(ROOT, "build/tools/grpcurl"), "-plaintext", "-d",
         '{"subject": "bench"}', server.target,
         "perfrig.target.v1.Ingest/IssueToken"],
        capture_output=True, text=True, check=True).stdout
    return json.loads(out)["token"]


def loaded(server, name, called, seconds):
    """A process that loads a target; an exit code of it is a verdict."""
    call, data, rate, _ = called
    test = {"call": f"perfrig.target.v1.{call}", "data": data,
            "load": {"rate": rate, "duration": f"{seconds}s"}}
    environment = dict(os.environ)
    if name == "ingest":
        test["metadata"] = {"authorization": "Bearer {{env BENCH_TOKEN}}"}
        environment["BENCH_TOKEN"] = token_of(server)
    suite = {"suite": "lateness", "target": server.target,
             "tests": {name: test}}
    with tempfile.NamedTemporaryFile("w", suffix=".yaml",
                                     delete=False) as file:
        json.dump(suite, file)
    return subprocess.Popen(
        ["sh", "-c", '"$0" run --local "$1"; rm "$1"', f"{BIN}/perfrig",
         file.name], env=environment, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def lateness_of(server, name, seconds, beside=None):
    """Of one target of `server` under load, in µs, by percentile."""
    called = TARGET_CALLS[name]
    server.perfrig("target", "reset", "-")
    for _, _, _, told in filter(None, (called, beside)):
        for target, flags in told.items():
            server.perfrig("target", "set", target, *flags)
    other = beside and loaded(server, "beside", beside, seconds + 2)
    if other:
        time.sleep(1)
    out, _ = loaded(server, name, called, seconds).communicate()
    where = "object_store" if name == "ingest" else name
    shown = server.perfrig("target", "show", where)["statistics"]
    if other:
        out += other.communicate()[0]
    if int(shown.get("finished", {}).get("OK", 0)) < called[2] * seconds / 2:
        raise RuntimeError(f"{name} was not called:\n{out}")
    return {at: int(shown["lateness"][f"{at}Ns"]) / 1_000
            for at in ("p50", "p99")}


def targets(table, options):
    """The same of every mock target, each under load alone."""
    with Daemon() as server:
        hosted = [each["name"].removeprefix("targets/")
                  for each in server.perfrig("target", "list")["targets"]]
        for name in hosted:
            if name not in TARGET_CALLS:
                continue
            figures = median([lateness_of(server, name, options.seconds)
                              for _ in range(options.rounds)])
            table.add(f"lateness of {name}, p50", figures["p50"], "µs", 100)
            table.add(f"lateness of {name}, p99", figures["p99"], "µs", 500)
        for what, beside in LARGE_CALLS.items():
            figures = median([lateness_of(server, "echo", options.seconds,
                                          beside)
                              for _ in range(options.rounds)])
            table.add(f"lateness of echo beside {what}, p99", figures["p99"],
                      "µs", 500)
    unknown = set(hosted) - set(TARGET_CALLS)
    if unknown:
        raise RuntimeError("not in TARGET_CALLS: " + ", ".join(sorted(unknown)))


def round_trip(table, options):
    """What a delayed call takes beyond its delay, beside an idle echo."""
    delayed, idle = [], []
    load = ("--rate", 1_000, "--seconds", options.seconds)
    with Daemon("--allow-call-overrides") as server:
        for _ in range(options.rounds):
            figures, _ = generator(server.target, *load, "--delay", "20ms")
            delayed.append(figures["service_p50_us"] - 20_000)
            figures, _ = generator(server.target, *load)
            idle.append(figures["service_p50_us"])
    table.add("round trip beyond a delay of 20 ms, 1,000/s, p50",
              median(delayed), "µs")
    table.add("round trip of an idle echo, 1,000/s, p50", median(idle), "µs")


def held(table, _options):
    """Memory of a perfrigd for each of many calls that wait."""
    with Daemon("--allow-call-overrides") as server:
        # What a first call allocates is not the waiting ones'.
        generator(server.target, "--users", 1, "--warmup", 0, "--seconds", 1)
        before = server.resident_kib()
        client = subprocess.Popen(
            [f"{BIN}/generator_bench", server.target, "--burst",
             str(HELD_CALLS), "--connections", "4", "--delay", "60s"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        try:
            most, stop = 0, time.monotonic() + 55
            while most < HELD_CALLS and time.monotonic() < stop:
                time.sleep(0.2)
                most = max(most, server.echoes_in_flight())
            after = server.resident_kib()
        finally:
            client.send_signal(signal.SIGTERM)
            client.wait(60)
    table.text("waiting calls held at once", f"{most:,}",
               f"≥ {HELD_CALLS:,}", most >= HELD_CALLS)
    table.add("memory of a waiting call", (after - before) / max(most, 1),
              "KiB", 18)


def sessions(table, _options):
    """Memory of 10,000 open sessions of the Gateway target."""
    out = subprocess.run([f"{BIN}/session_bench"], capture_output=True,
                         text=True, check=False).stdout
    each = re.search(r"memory for each open session +([\d.]+) kB", out)
    table.add("memory of an open session, its client's included",
              float(each.group(1)), "kB")
    grown = re.search(r"memory for all of them +([\d.]+) MB", out)
    table.add("memory of 10,000 open sessions, clients included",
              float(grown.group(1)), "MB", 500)


def pacing(table, options):
    """Lag and achieved rate of open loads."""
    with Daemon() as server:
        for rate in (1_000, 10_000, 30_000):
            rounds = []
            for _ in range(options.rounds):
                figures, _ = generator(
                    server.target, "--rate", rate, "--seconds",
                    options.seconds)
                figures["off"] = abs(figures["rate"] / rate - 1) * 100
                rounds.append(figures)
            figures = median(rounds)
            table.add(f"pacing lag at {rate:,}/s, p50", figures["lag_p50_us"],
                      "µs", 40)
            table.add(f"pacing lag at {rate:,}/s, p99", figures["lag_p99_us"],
                      "µs", 150)
            table.add(f"sent rate at {rate:,}/s, off by", figures["off"], "%",
                      0.1)


def record(table, options):
    """Cost of recording one sample."""
    figures = benchmarks("load_bench", options.rounds,
                         "--benchmark_filter=^RecordOneSample$")
    table.add("recording one sample", figures["RecordOneSample"], "ns", 20)


def cpu(table, options):
    """The generator's CPU a call beside h2load's and a grpc++ loop's."""
    costs = {name: [] for name in ("generator", "h2load", "grpc++ loop")}
    with Daemon() as server, tempfile.TemporaryDirectory() as folder:
        for _ in range(options.rounds):
            for name, own in costs.items():
                measured = CLIENTS[name](server.target, options.seconds,
                                         folder)
                own.append(measured.cpu_seconds / measured.calls * 1e6)
    for name, own in costs.items():
        table.add(f"CPU a call, {name}: {IN_FLIGHT} in flight, "
                  f"{CONNECTIONS} connections", median(own), "µs")
    for peer, budget in (("h2load", 1.1), ("grpc++ loop", 0.75)):
        table.add(f"CPU a call, generator ÷ {peer}",
                  median(costs["generator"]) / median(costs[peer]), "×",
                  budget)


def growth(table, options):
    """The generator's CPU a call as calls and connections grow."""
    calls = [(10, 4), (100, 4), (1_000, 4), (10_000, 4)]
    connections = [(10, 1), (100, 10), (1_000, 100)]
    # Nothing to gather in one write: each call pays its own system calls.
    sparse = [(100, 1), (100, 100)]
    costs = {load: [] for load in calls + connections + sparse}
    peer = {load: [] for load in sparse}
    with Daemon() as server, tempfile.TemporaryDirectory() as folder:
        for _ in range(options.rounds):
            for load, own in costs.items():
                figures, _ = generator(
                    server.target, "--users", load[0], "--connections",
                    load[1], "--seconds", options.seconds)
                own.append(figures["cpu_us"])
            for load, own in peer.items():
                measured = with_h2load(server.target, options.seconds, folder,
                                       *load)
                own.append(measured.cpu_seconds / measured.calls * 1e6)
    for (users, number), own in costs.items():
        table.add(f"CPU a call, {users:,} in flight, connections: {number}",
                  median(own), "µs")

    def most(loads):
        return (max(median(costs[load]) for load in loads) /
                median(costs[loads[0]]))
    table.add("CPU a call, growth from 10 to 10,000 in flight", most(calls),
              "×", 1.5)
    table.add("CPU a call, growth from 1 to 100 connections, 10 calls on each",
              most(connections), "×", 1.5)
    table.add("the same of 100 calls in all", most(sparse), "×")
    table.add("the same of 100 calls in all, h2load",
              median(peer[sparse[1]]) / median(peer[sparse[0]]), "×")


def idle(table, _options):
    """Memory and CPU of a perfrigd that has nothing to do."""
    seconds = 10
    with Daemon() as server:
        time.sleep(2)
        before = server.cpu_seconds()
        time.sleep(seconds)
        used = server.cpu_seconds() - before
        table.add("idle daemon, resident", server.resident_kib() / 1024, "MiB",
                  40)
    table.add("idle daemon, of a core", used / seconds * 100, "%", 0.5)


def cache(table, options):
    """The cache library beside a bare absl::flat_hash_map."""
    ns = benchmarks("cache_bench", options.rounds)
    for what, lru, bare, budget in (("hit", "LruHit", "MapHit", 500),
                                    ("miss", "LruMiss", "MapMiss", 200),
                                    ("put", "LruPut", "MapPut", 2_000)):
        table.add(f"cache, {what} of 10 KB, p95", ns[lru], "ns", budget)
        table.add(f"flat_hash_map, {what} of 10 KB, p95", ns[bare], "ns")
    for what, budget in (("hit", 36_000), ("miss", None)):
        table.add(f"cache, GetOrCompute that is a {what}, p95",
                  ns[f"GetOrCompute/{what}"], "ns", budget)
    table.add("table of 10,000 rows to a column's sum, MessagePack",
              ns["SumMessagePack"] / 1_000, "µs")
    table.add("the same, FlatBuffers in a mapped file",
              ns["SumColumns"] / 1_000, "µs")
    ratio = ns["SumMessagePack"] / ns["SumColumns"]
    table.text("MessagePack ÷ FlatBuffers", f"{ratio:,.1f} ×", "≥ 50 ×",
               ratio >= 50)
    for name in ("DocumentMessagePack", "DocumentFlexBuffers"):
        table.add(f"document of 10 KB, written and read, {name[8:]}",
                  ns[name] / 1_000, "µs", 300)
    table.add("10 KB sealed and opened, AES-256-GCM",
              ns["SealAndOpen"] / 1_000, "µs")


# What a lane does for a call beside sending it, by benchmark.
DATA = {
    "none": "no template", "seq": "{{seq}}", "uuid": "{{uuid}}",
    "random": "{{random 1 100000}}", "zipf": "{{zipf 100000 0.99}}",
    "text": "{{text 100B}}", "csv": "{{csv FILE COLUMN}}",
    "env": "{{env NAME}}", "bytes": "{{bytes 10KB}}",
    "file": "{{file 10KB pdf}}", "jwt": "{{jwt}} in metadata",
    "metadata": "{{uuid}} in metadata",
}
ANSWERS = {
    "status": "its status alone", "observe_response": "observe response.FIELD",
    "observe_trailer": "observe trailer.NAME",
    "observe_phase": "observe phase.NAME",
    "observe_expression": "observe abs(response.FIELD * 1us - call.service)",
    "capture": "capture response.FIELD",
    "check_response": "check response.FIELD == 3",
    "check_trailer": "check trailer.NAME <= 12",
    "check_phase": "check phase.NAME < 50ms",
    "check_latency": "check call.latency < 200ms",
    "all": "three checks, two observed",
}


def suites(table, options):
    """Reading a suite; what templates, observe and check cost a call."""
    figures = benchmarks("suite_bench", options.rounds,
                         "--benchmark_min_time=0.1")
    table.add("suite of 1,000 tests, read and checked",
              figures["ReadManyTests"], "ms", 100)
    for name, what in DATA.items():
        table.add(f"request of a call, {what}", figures[f"Prepare/{name}"],
                  "ns")
    for name, what in ANSWERS.items():
        table.add(f"answer of a call, {what}", figures[f"Judge/{name}"], "ns")


PARTS = {part.__name__: part for part in (
    lateness, targets, round_trip, held, sessions, pacing, record, suites, cpu,
    growth, idle, cache)}


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--seconds", type=int, default=3,
                        help="of each measurement; default: %(default)s")
    parser.add_argument("--rounds", type=int, default=3,
                        help="default: %(default)s")
    parser.add_argument("parts", nargs="*", metavar="NAME",
                        help="of " + ", ".join(PARTS) + "; default: all")
    options = parser.parse_args()
    unknown = set(options.parts) - set(PARTS)
    if unknown:
        parser.error(f"no such part: {', '.join(sorted(unknown))}")
    table, missing = Table(), []
    for name in options.parts or PARTS:
        print(f"--- {name}: {PARTS[name].__doc__}", flush=True)
        try:
            PARTS[name](table, options)
        except (OSError, KeyError, ValueError, RuntimeError,
                subprocess.SubprocessError) as error:
            missing.append(name)
            print(f"bench: {name} could not be measured: {error}",
                  file=sys.stderr)
    table.show()
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
