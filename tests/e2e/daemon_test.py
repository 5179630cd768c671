"""perfrigd: its start, its ports, its end."""

import json
import os
import signal
import subprocess
import unittest
import urllib.request

import harness


class Start(harness.TestCase):

    def test_it_says_its_ports_once_it_serves(self):
        with harness.Daemon() as daemon:
            for address in (daemon.control, daemon.http, daemon.target):
                self.assertRegex(address, r"^127\.0\.0\.1:[1-9][0-9]*$")
            status = json.loads(
                self.perfrig("status", "--output", "json", daemon=daemon))

            self.assertEqual(status["controlAddress"], daemon.control)
            self.assertEqual(status["targetAddress"], daemon.target)

    def test_a_second_daemon_on_the_same_port_fails_and_names_it(self):
        with harness.Daemon() as daemon:
            for port in ("control", "http", "target"):
                ports = {"control": "127.0.0.1:0", "http": "127.0.0.1:0",
                         "target": "127.0.0.1:0"}
                ports[port] = getattr(daemon, port)
                second = harness.Daemon(ports=ports)
                try:
                    self.assertEqual(second.ready_line, "", port)
                    self.assertNotEqual(second.process.wait(30), 0, port)
                    self.assertIn(ports[port], second.log_text())
                finally:
                    second.__exit__(None, None, None)

    def test_a_wrong_flag_is_refused(self):
        for flags in (("--nonsense",), ("--queue-limit", "many"),
                      ("--control-address", "here")):
            done = subprocess.run(
                [os.path.join(harness.BIN, "perfrigd"), *flags],
                capture_output=True, text=True, timeout=30, check=False,
                env=harness.environment())
            self.assertEqual(done.returncode, harness.USAGE, done.stderr)
            self.assertIn(flags[-1].lstrip("-"), done.stderr)

    def test_both_binaries_say_the_same_version(self):
        versions = [
            subprocess.run([os.path.join(harness.BIN, name), "--version"],
                           capture_output=True, text=True, timeout=30,
                           check=True).stdout.split()[-1]
            for name in ("perfrigd", "perfrig")]
        self.assertEqual(versions[0], versions[1])

    def test_a_healthy_daemon_says_so(self):
        with harness.Daemon() as daemon:
            with urllib.request.urlopen(f"http://{daemon.http}/healthz",
                                        timeout=10) as answer:
                self.assertEqual(answer.status, 200)


class End(harness.TestCase):

    def test_sigterm_ends_an_idle_daemon_at_once(self):
        with harness.Daemon() as daemon:
            daemon.signal()

            self.assertEqual(daemon.process.wait(10), 0)

    def test_sigterm_drains_a_run_and_exits_0(self):
        with harness.Daemon("--drain-timeout", "2s") as daemon:
            client = self.start("run", self.suite(harness.LONG), daemon=daemon)
            self.wait_for_state(daemon, "RUNNING")

            daemon.signal()

            self.assertEqual(daemon.process.wait(20), 0)
            client.communicate(timeout=20)
            self.assertEqual(client.returncode, harness.CANCELLED)

    def test_a_second_signal_ends_it_at_once(self):
        with harness.Daemon("--drain-timeout", "10m") as daemon:
            self.start("run", self.suite(harness.LONG), daemon=daemon)
            self.wait_for_state(daemon, "RUNNING")
            daemon.signal()
            with self.assertRaises(subprocess.TimeoutExpired):
                daemon.process.wait(1)

            daemon.signal(signal.SIGINT)

            self.assertNotEqual(daemon.process.wait(5), 0)

    def test_it_ends_with_the_process_that_holds_its_pipe(self):
        with harness.Daemon() as daemon:
            self.start("run", self.suite(harness.LONG), daemon=daemon)
            self.wait_for_state(daemon, "RUNNING")

            daemon.let_go()

            daemon.process.wait(15)


if __name__ == "__main__":
    unittest.main(verbosity=2)
