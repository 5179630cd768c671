"""Processes that a daemon starts for tests with `target: spawn`: they end with
the test, and whatever happens to the daemon."""

import json
import os
import signal
import unittest

import harness

LONG = harness.LONG.replace("target: self", "target: { spawn: 2 }")


def children_of(pid):
    """Those that still run, zombies not counted."""
    found = []
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{name}/stat", encoding="utf-8") as file:
                state, parent = file.read().rsplit(")", 1)[1].split()[:2]
        except OSError:
            continue
        if int(parent) == pid and state != "Z":
            found.append(int(name))
    return found


def runs(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
            return file.read().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


class Spawn(harness.TestCase):

    def in_mid_test(self, daemon):
        """A run on two spawned processes, under way; and their ids."""
        client = self.start("run", self.suite(LONG), "--output", "json",
                            daemon=daemon)
        self.wait_for_state(daemon, "RUNNING")
        harness.wait_until(
            lambda: float(self.run_of(daemon).get("progress", 0)) > 0, 20,
            "a first second")
        children = children_of(daemon.process.pid)
        self.assertEqual(len(children), 2)
        return client, children

    def assert_gone(self, children):
        harness.wait_until(lambda: not any(map(runs, children)), 20,
                           f"the end of {children}")

    def test_they_end_with_the_test(self):
        with harness.Daemon() as daemon:
            out = self.perfrig("run", self.suite(harness.QUICK), "--target",
                               "spawn", "--output", "json", daemon=daemon)

            self.assertEqual(json.loads(out)["verdict"], "PASS")
            self.assertEqual(children_of(daemon.process.pid), [])

    def test_they_end_when_the_daemon_is_killed(self):
        with harness.Daemon() as daemon:
            client, children = self.in_mid_test(daemon)

            daemon.signal(signal.SIGKILL)
            daemon.process.wait(30)

            self.assert_gone(children)
            client.kill()

    def test_they_end_when_the_daemon_is_told_to(self):
        with harness.Daemon("--drain-timeout", "0s") as daemon:
            client, children = self.in_mid_test(daemon)

            daemon.signal(signal.SIGTERM)

            self.assertEqual(daemon.process.wait(30), 0)
            self.assert_gone(children)
            client.kill()

    def test_they_end_when_the_run_is_cancelled(self):
        with harness.Daemon() as daemon:
            client, children = self.in_mid_test(daemon)

            client.send_signal(signal.SIGINT)

            _, err = client.communicate(timeout=60)
            self.assertEqual(client.returncode, harness.CANCELLED, err)
            self.assert_gone(children)

    def test_one_that_ends_by_itself_is_an_error_that_says_so(self):
        text = LONG.replace("10m", "3s")
        with harness.Daemon() as daemon:
            client = self.start("run", self.suite(text), "--output", "json",
                                daemon=daemon)
            children = harness.wait_until(
                lambda: children_of(daemon.process.pid), 20, "processes")
            self.wait_for_state(daemon, "RUNNING")
            harness.wait_until(
                lambda: float(self.run_of(daemon).get("progress", 0)) > 0, 20,
                "a first second")

            os.kill(children[0], signal.SIGKILL)

            out, err = client.communicate(timeout=60)
            self.assertEqual(client.returncode, 1, err)
            self.assertIn("a spawned process ended during the test",
                          json.loads(out)["reason"])
            self.assertEqual(children_of(daemon.process.pid), [])


if __name__ == "__main__":
    unittest.main()
