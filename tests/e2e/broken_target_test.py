"""Targets that die, hang or go away in the middle of a test."""

import json
import signal
import time
import unittest

import harness

SUITE = """
suite: e2e-elsewhere
title: A target in a process of its own.
target: "{target}"
tests:
  echo:
    call: perfrig.target.v1.Echo/Call
    deadline: 1s
    load: {load}
    expect: [ "latency.p50 < 5s" ]
"""
OPEN = "{ rate: 200/s, duration: 3s }"
CLOSED = "{ users: 4, duration: 3s }"


class BrokenTarget(harness.TestCase):

    def start_on(self, target, load, daemon):
        """A run under way, some of whose calls have been answered."""
        text = SUITE.replace("{target}", target.target)
        client = self.start(
            "run", self.suite(text.replace("{load}", load)),
            "--output", "json", daemon=daemon)
        self.wait_for_state(daemon, "RUNNING")
        time.sleep(1)
        return client

    def finished(self, client, codes=(harness.FAIL,)):
        """The result of the one test."""
        out, err = client.communicate(timeout=60)
        self.assertIn(client.returncode, codes, err)
        return json.loads(out)["suites"][0]["tests"][0]

    def counts(self, test):
        """By name; no call may be lost or counted twice."""
        figures = test["figures"]
        of = {name: int(figures.get(name, 0))
              for name in ("planned", "ok", "failed", "dropped")}
        of |= {name: int(count) for name, count in figures["statuses"].items()}
        self.assertEqual(of["planned"],
                         of["ok"] + of["failed"] + of["dropped"], of)
        self.assertGreater(of["ok"], 0)
        return of

    def assert_takes_the_next_run(self, daemon):
        self.perfrig("run", self.suite(harness.QUICK), daemon=daemon)
        status = json.loads(
            self.perfrig("status", "--output", "json", daemon=daemon))
        self.assertEqual(status.get("currentRun", ""), "")

    def test_a_target_that_is_killed_fails_the_rest_of_the_calls(self):
        for load in (OPEN, CLOSED):
            with harness.Daemon() as daemon, harness.Daemon() as target:
                client = self.start_on(target, load, daemon)

                target.signal(signal.SIGKILL)
                test = self.finished(client)

                self.assertGreater(self.counts(test)["UNAVAILABLE"], 0)
                self.assertIn("UNAVAILABLE", {call["status"]
                                              for call in test["failed"]})
                self.assert_takes_the_next_run(daemon)

    def test_a_target_that_hangs_fails_calls_by_their_deadline(self):
        with harness.Daemon() as daemon, harness.Daemon() as target:
            client = self.start_on(target, OPEN, daemon)

            target.signal(signal.SIGSTOP)
            try:
                test = self.finished(client)
            finally:
                target.signal(signal.SIGCONT)

            self.assertGreater(self.counts(test)["DEADLINE_EXCEEDED"], 0)
            self.assert_takes_the_next_run(daemon)

    def test_a_target_that_comes_back_is_called_again(self):
        with harness.Daemon() as daemon:
            with harness.Daemon() as target:
                address = target.target
                client = self.start_on(target, OPEN, daemon)
                target.signal(signal.SIGKILL)
                target.process.wait(10)
            with harness.Daemon(ports={"control": "127.0.0.1:0",
                                       "http": "127.0.0.1:0",
                                       "target": address}):
                # Calls may have waited for it, and then all are right.
                test = self.finished(
                    client, (harness.PASS, harness.FAIL, harness.INVALID))

        self.counts(test)
        self.assertGreater(int(test["connections"]["reconnects"]), 0)


if __name__ == "__main__":
    unittest.main(verbosity=2)
