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

    def end_of(self, *flags, code, **keywords):
        """What a perfrigd says that cannot start; it ends with `code`."""
        done = subprocess.run(
            [os.path.join(harness.BIN, "perfrigd"),
             "--control-address", "127.0.0.1:0", "--http-address",
             "127.0.0.1:0", "--target-address", "127.0.0.1:0", *flags],
            capture_output=True, text=True, timeout=30, check=False,
            env=harness.environment(), **keywords)
        self.assertEqual(done.returncode, code, done.stderr)
        return done.stderr

    def test_a_broken_config_file_is_refused_with_all_its_problems(self):
        path = os.path.join(self.folder, "perfrigd.yaml")
        with open(path, "w", encoding="utf-8") as file:
            file.write("lanes: many\nqueue-limt: 3\nlog-level: loud\n")

        said = self.end_of("--config", path, code=harness.USAGE)

        for expected in (f"{path}:1:", "many", f"{path}:2:", "queue-limit",
                         f"{path}:3:", "loud"):
            self.assertIn(expected, said)

    def test_a_config_file_that_is_no_yaml_is_refused_with_its_place(self):
        path = os.path.join(self.folder, "perfrigd.yaml")
        for text in ("lanes: [1\n", "- lanes\n", "lanes: 1\nlanes: 2\n",
                     "\tlanes: 1\n"):
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
            self.assertIn(f"{path}:", self.end_of("--config", path,
                                                  code=harness.USAGE), text)

    def test_a_config_file_that_cannot_be_read_is_named(self):
        for path in (os.path.join(self.folder, "none.yaml"), self.folder):
            self.assertIn(path, self.end_of("--config", path,
                                            code=harness.USAGE))

    def test_a_file_descriptor_that_is_not_open_is_refused(self):
        for flag in ("--ready-fd", "--exit-with-fd"):
            said = self.end_of(flag, "987", code=harness.USAGE)
            self.assertIn(flag, said)
            self.assertIn("987", said)

    def test_it_needs_no_place_to_write(self):
        """Its log is lost, and it may not write where it stands."""
        ready_read, ready_write = os.pipe()
        with open("/dev/full", "wb") as full:
            process = subprocess.Popen(
                [os.path.join(harness.BIN, "perfrigd"),
                 "--control-address", "127.0.0.1:0", "--http-address",
                 "127.0.0.1:0", "--target-address", "127.0.0.1:0",
                 "--ready-fd", str(ready_write)],
                stdout=full, stderr=full, cwd="/proc", env=harness.environment(
                    HOME="/proc", XDG_STATE_HOME="/proc", TMPDIR="/proc"),
                pass_fds=(ready_write,))
        try:
            os.close(ready_write)
            with os.fdopen(ready_read, encoding="utf-8") as ready:
                address = ready.readline().split()[0].split("=")[1]
            self.perfrig("run", self.suite(harness.QUICK),
                         "--address", address)
            process.send_signal(signal.SIGTERM)
            self.assertEqual(process.wait(10), 0)
        finally:
            process.kill()
            process.wait()

    def test_a_run_cannot_use_its_files_up(self):
        many = ("call", "self", "perfrig.target.v1.Echo/Call",
                "--users", "300", "--connections", "300",
                "--iterations", "300")
        with harness.Daemon(wrapper=("prlimit", "--nofile=256:256")) as daemon:
            out = self.perfrig(*many, daemon=daemon, code=1)
            self.assertIn("half of the 256 files", out)
            self.perfrig("run", self.suite(harness.QUICK), daemon=daemon)
        with harness.Daemon(wrapper=("prlimit", "--nofile=256:4096")) as daemon:
            self.perfrig(*many, daemon=daemon)

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

    def test_a_run_that_ends_within_the_drain_timeout_keeps_its_verdict(self):
        suite = harness.QUICK.replace("users: 2, iterations: 200",
                                      "rate: 50/s, duration: 3s")
        for number in (signal.SIGTERM, signal.SIGINT):
            with harness.Daemon("--drain-timeout", "60s") as daemon:
                client = self.start("run", self.suite(suite), daemon=daemon)
                self.wait_for_state(daemon, "RUNNING")

                daemon.signal(number)
                out, err = client.communicate(timeout=40)

                # A busy machine may disturb it.
                self.assertIn(client.returncode,
                              (harness.PASS, harness.INVALID), out + err)
                self.assertEqual(daemon.process.wait(20), 0)

    def test_a_draining_daemon_takes_no_new_run_and_says_why(self):
        with harness.Daemon("--drain-timeout", "60s") as daemon:
            client = self.start("run", self.suite(harness.LONG), daemon=daemon)
            self.wait_for_state(daemon, "RUNNING")
            daemon.signal()
            harness.wait_until(
                lambda: "draining" in daemon.log_text(), 20, "a drain")

            refused = self.start("run", self.suite(harness.QUICK),
                                 daemon=daemon)
            out, err = refused.communicate(timeout=30)
            client.send_signal(signal.SIGINT)

            self.assertNotEqual(refused.returncode, 0)
            self.assertIn("shutting down", out + err)
            self.assertEqual(daemon.process.wait(20), 0)

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
