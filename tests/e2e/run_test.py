"""perfrig run: live, in the end, and by its exit code."""

import json
import os
import pty
import select
import signal
import subprocess
import unittest

import harness


class LocalRuns(harness.TestCase):

    def test_quickstart_passes_and_leaves_nothing_behind(self):
        # INVALID is the right answer of a busy machine; it is asked again.
        for _ in range(3):
            process = self.start("run", "--local", "quickstart")
            out, err = process.communicate(timeout=120)
            if process.returncode != harness.INVALID:
                break
        shown = f"exit code {process.returncode}\n{out}\n{err}"

        self.assertIn("quickstart", out, shown)
        if not harness.SANITIZED:
            self.assertIn(process.returncode,
                          (harness.PASS, harness.INVALID), shown)
        self.assertEqual(self.left_behind(), [], shown)

    def test_json_is_one_document_that_says_the_verdict(self):
        out = self.perfrig("run", "--local", self.suite(harness.QUICK),
                           "--output", "json")

        run = json.loads(out)
        self.assertEqual(run["verdict"], "PASS")
        self.assertEqual(run["state"], "FINISHED")
        figures = run["suites"][0]["tests"][0]["figures"]
        self.assertEqual(int(figures["ok"]), 200)

    def test_a_missed_threshold_exits_99_and_is_named(self):
        out = self.perfrig("run", "--local", self.suite(harness.FAILING),
                           code=harness.FAIL)

        self.assertIn("FAIL", out)
        self.assertIn("latency.p50 < 1ns", out)
        self.assertEqual(self.left_behind(), [])

    def test_a_broken_suite_is_refused_with_all_its_problems(self):
        path = self.suite(harness.BROKEN)

        process = self.start("run", "--local", path)
        out, err = process.communicate(timeout=30)

        self.assertNotIn(process.returncode, (0, 99), out + err)
        said = out + err
        for expected in ("e2e-broken.yaml:7:", "e2e-broken.yaml:8:",
                         "e2e-broken.yaml:9:", "Echo/Call", "latency"):
            self.assertIn(expected, said)

    def test_in_a_terminal_it_redraws_and_ends_with_the_report(self):
        master, slave = pty.openpty()
        process = subprocess.Popen(
            [os.path.join(harness.BIN, "perfrig"), "run", "--local",
             self.suite(harness.QUICK.replace(
                 "users: 2, iterations: 200", "users: 2, duration: 3s"))],
            stdin=slave, stdout=slave, stderr=slave,
            env=harness.environment(TERM="xterm-256color", CI=""))
        os.close(slave)
        shown = self.read_all(master)
        code = process.wait(30)
        os.close(master)

        self.assertEqual(code, harness.PASS, shown)
        self.assertIn("\x1b[", shown)
        self.assertIn("PASS", shown)

    def read_all(self, master):
        shown = b""
        while select.select([master], [], [], 60)[0]:
            try:
                data = os.read(master, 65536)
            except OSError:  # The other side has closed.
                break
            if not data:
                break
            shown += data
        return shown.decode(errors="replace")



class NewSuites(harness.TestCase):

    def test_a_drafted_suite_is_right(self):
        path = os.path.join(self.folder, "first.yaml")

        self.perfrig("new", path)

        self.perfrig("check", path)

    def test_a_suite_drafted_from_reflection_fits_the_types(self):
        methods = ["Echo/Call", "Database/Query", "Database/Batch",
                   "ObjectStore/PutObject", "Config/Resolve", "Cache/Put",
                   "Template/Render", "Orchestrator/Chat", "Ingest/Upload",
                   "Gateway/Session", "Classifier/Classify"]
        with harness.Daemon() as daemon:
            for number, method in enumerate(methods):
                path = os.path.join(self.folder, f"draft-{number}.yaml")
                self.perfrig("new", path, "--from-reflection", daemon.target,
                             "perfrig.target.v1." + method)
                with open(path, encoding="utf-8") as file:
                    text = file.read()
                # So that data are checked against the types.
                with open(path, "w", encoding="utf-8") as file:
                    file.write(text.replace(daemon.target, "self"))

                self.perfrig("check", path, daemon=daemon)

    def test_an_unknown_method_is_named_with_the_nearest(self):
        path = os.path.join(self.folder, "first.yaml")
        with harness.Daemon() as daemon:
            process = self.start("new", path, "--from-reflection",
                                 daemon.target, "perfrig.target.v1.Echo/Cal")
            _, err = process.communicate(timeout=30)

        self.assertEqual(process.returncode, harness.USAGE)
        self.assertIn("did you mean Call?", err)
        self.assertFalse(os.path.exists(path))


class Plans(harness.TestCase):

    def test_a_dry_run_tells_all_tests_and_runs_none(self):
        with harness.Daemon() as daemon:
            plan = json.loads(self.perfrig(
                "run", "quickstart", "--dry-run", "--output", "json",
                daemon=daemon))
            runs = json.loads(self.perfrig("runs", "--output", "json",
                                           daemon=daemon))

        names = [test["test"] for test in plan["suites"][0]["tests"]]
        self.assertIn("echo_round_trip", names)
        self.assertEqual(runs["runs"], [])


class Mistakes(harness.TestCase):

    def test_no_daemon_exits_3_and_says_how_to_start_one(self):
        self.perfrig("run", "quickstart", "--address", "127.0.0.1:1",
                     code=harness.NO_DAEMON)

        self.assertIn("perfrigd", self.last_error)
        self.assertIn("127.0.0.1:1", self.last_error)

    def test_wrong_usage_exits_2(self):
        for arguments in (("run",), ("run", "--nonsense"), ("nonsense",),
                          ("run", "quickstart", "--rounds", "0.5"), ()):
            self.perfrig(*arguments, code=harness.USAGE)
            self.assertNotEqual(self.last_error, "", arguments)

    def test_a_suite_that_is_not_there_gets_the_nearest_name(self):
        with harness.Daemon() as daemon:
            process = self.start("run", "quickstrat", daemon=daemon)
            out, err = process.communicate(timeout=30)

        self.assertNotEqual(process.returncode, 0)
        self.assertIn("quickstart", out + err)


class RunsOnADaemon(harness.TestCase):

    def test_ctrl_c_cancels_the_run(self):
        with harness.Daemon() as daemon:
            client = self.start("run", self.suite(harness.LONG), daemon=daemon)
            self.wait_for_state(daemon, "RUNNING")

            client.send_signal(signal.SIGINT)
            client.communicate(timeout=30)

            self.assertEqual(client.returncode, harness.CANCELLED)
            run = self.wait_for_state(daemon, "FINISHED")
            self.assertEqual(run["verdict"], "CANCELLED")

    def test_a_killed_client_takes_its_run_along_after_10_seconds(self):
        with harness.Daemon() as daemon:
            client = self.start("run", self.suite(harness.LONG), daemon=daemon)
            self.wait_for_state(daemon, "RUNNING")

            client.kill()

            run = self.wait_for_state(daemon, "FINISHED", seconds=25)
            self.assertEqual(run["verdict"], "CANCELLED")

    def test_a_detached_run_goes_on_without_a_watcher(self):
        with harness.Daemon() as daemon:
            name = self.perfrig("run", "--detach", self.suite(harness.LONG),
                                daemon=daemon).strip()
            self.wait_for_state(daemon, "RUNNING")

            with self.assertRaises(AssertionError):
                self.wait_for_state(daemon, "FINISHED", seconds=13)

            self.perfrig("cancel", name, daemon=daemon)
            self.wait_for_state(daemon, "FINISHED")
            self.perfrig("result", name, daemon=daemon,
                         code=harness.CANCELLED)

    def test_a_watcher_sees_the_end_and_exits_by_the_verdict(self):
        with harness.Daemon() as daemon:
            name = self.perfrig("run", "--detach", self.suite(harness.QUICK),
                                daemon=daemon).strip()

            out = self.perfrig("watch", name, daemon=daemon)

            self.assertIn("PASS", out)


if __name__ == "__main__":
    unittest.main(verbosity=2)
