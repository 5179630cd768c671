"""What the daemon says of its host, and what watchers may cost it."""

import json
import unittest

import harness

TESTS = 300
MANY = """
suite: e2e-many
title: Many events in a short time.
target: self
tests:
""" + "".join(
    f"  t{number}: {{ call: perfrig.target.v1.Echo/Call, "
    "load: { users: 1, iterations: 1 } }\n" for number in range(TESTS))


class Calibrate(harness.TestCase):

    def test_it_says_what_can_be_measured(self):
        with harness.Daemon() as daemon:
            found = json.loads(self.perfrig("calibrate", "--output", "json",
                                            daemon=daemon))
        self.assertGreater(found["maxThroughput"], 0)
        self.assertGreater(int(found["echoRoundTrip"]["p50Ns"]), 0)
        self.assertTrue(found["pacing"])
        self.assertTrue(found["advice"])

    def test_locally_it_speaks_to_people_and_leaves_nothing_behind(self):
        out = self.perfrig("calibrate", "--local")

        self.assertRegex(out, r"[0-9] ?(µs|ns|ms)")
        self.assertEqual(self.left_behind(), [])


class IdleWatchers(harness.TestCase):

    def status(self, daemon):
        return json.loads(
            self.perfrig("status", "--output", "json", daemon=daemon))

    def test_they_neither_hold_a_run_up_nor_fill_the_memory(self):
        import grpc
        with harness.Daemon() as daemon:
            with grpc.insecure_channel(daemon.control) as channel:
                watch = channel.unary_stream("/perfrig.v1.Runs/WatchRun")
                before = int(self.status(daemon)["residentBytes"])
                name = self.perfrig("run", "--detach", self.suite(MANY),
                                    daemon=daemon).strip().encode()
                # Nobody asks these for an event.
                idle = [watch(b"\x0a" + bytes([len(name)]) + name)
                        for _ in range(40)]

                run = self.wait_for_state(daemon, "FINISHED", seconds=60)

                grown = int(self.status(daemon)["residentBytes"]) - before
                self.assertEqual(run["verdict"], "PASS", run.get("reason"))
                self.assertTrue(all(each.is_active() for each in idle))
                # A sanitizer keeps what was freed.
                if not harness.SANITIZED:
                    self.assertLess(grown, 300 << 20)


if __name__ == "__main__":
    unittest.main(verbosity=2)
