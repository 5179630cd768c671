"""Clients that are not ours: grpcurl, Python's grpcio, Prometheus' promtool."""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
import urllib.request

import harness

NO_SKIP = "PERFRIG_NO_SKIP" in os.environ


def tool(name):
    """Where a tool is; skips the test, or fails it in CI, without it."""
    path = os.path.join(harness.TOOLS, name)
    if not os.path.exists(path):
        path = shutil.which(name)
    if path is None:
        if NO_SKIP:
            raise AssertionError(f"{name} is not there")
        raise unittest.SkipTest(f"{name} IS NOT THERE")
    return path


class Grpcurl(harness.TestCase):

    def setUp(self):
        super().setUp()
        self.grpcurl = tool("grpcurl")
        self.daemon = harness.Daemon()
        self.daemon.__enter__()
        self.addCleanup(self.daemon.__exit__, None, None, None)

    def call(self, address, *arguments, data=None, code=0):
        command = [self.grpcurl, "-plaintext", "-format-error"]
        if data is not None:
            command += ["-d", json.dumps(data)]
        done = subprocess.run([*command, address, *arguments],
                              capture_output=True, text=True, timeout=30,
                              check=False, env=harness.environment())
        self.assertEqual(done.returncode == 0, code == 0,
                         done.stdout + done.stderr)
        return done.stdout if code == 0 else done.stderr

    def test_health_is_described_as_it_is_served(self):
        for address in (self.daemon.control, self.daemon.target):
            answer = self.call(address, "grpc.health.v1.Health/Check", data={})
            self.assertEqual(json.loads(answer), {"status": "SERVING"})

    def test_reflection_names_the_api(self):
        services = self.call(self.daemon.control, "list").split()

        for service in ("perfrig.v1.Suites", "perfrig.v1.Runs",
                        "perfrig.v1.Targets", "perfrig.v1.Rig",
                        "grpc.health.v1.Health"):
            self.assertIn(service, services)
        described = self.call(self.daemon.control, "describe",
                              "perfrig.v1.Runs.StartRun")
        self.assertIn("StartRunRequest", described)

    def test_reflection_names_the_targets(self):
        services = self.call(self.daemon.target, "list").split()

        for service in ("perfrig.target.v1.Echo", "perfrig.target.v1.Database",
                        "perfrig.target.v1.ObjectStore", "perfrig.v1.Targets"):
            self.assertIn(service, services)

    def test_suites_can_be_listed(self):
        listed = json.loads(self.call(self.daemon.control,
                                      "perfrig.v1.Suites/ListSuites"))

        names = [suite["name"] for suite in listed["suites"]]
        self.assertIn("suites/quickstart", names)

    def test_a_target_answers(self):
        answer = json.loads(self.call(
            self.daemon.target, "perfrig.target.v1.Echo/Call",
            data={"text": "hello"}))

        self.assertEqual(answer["text"], "hello")

    def test_errors_carry_code_and_detail(self):
        said = self.call(self.daemon.control, "perfrig.v1.Runs/GetRun",
                         data={"name": "runs/none"}, code=5)
        self.assertIn('"code": 5', said)
        self.assertIn("runs/none", said)

        said = self.call(self.daemon.control, "perfrig.v1.Runs/StartRun",
                         data={"sources": [{"fileName": "broken.yaml",
                                            "text": harness.BROKEN}]}, code=3)
        self.assertIn('"code": 3', said)
        self.assertIn("latncy", said)


class PythonClient(harness.TestCase):

    def test_it_calls_a_target_with_messages_of_its_own_making(self):
        import grpc
        folder = tempfile.mkdtemp(dir=self.folder)
        proto = os.path.join(harness.SOURCE, "proto")
        subprocess.run(["protoc", "-I", proto, f"--python_out={folder}",
                        "perfrig/target/v1/echo.proto"], check=True)
        sys.path.insert(0, folder)
        self.addCleanup(sys.path.remove, folder)
        from perfrig.target.v1 import echo_pb2

        with harness.Daemon() as daemon:
            with grpc.insecure_channel(daemon.target) as channel:
                call = channel.unary_unary(
                    "/perfrig.target.v1.Echo/Call",
                    request_serializer=echo_pb2.EchoRequest.SerializeToString,
                    response_deserializer=echo_pb2.EchoResponse.FromString)
                answer = call(echo_pb2.EchoRequest(text="hello"), timeout=10)
                chat = channel.stream_stream(
                    "/perfrig.target.v1.Echo/Chat",
                    request_serializer=echo_pb2.EchoRequest.SerializeToString,
                    response_deserializer=echo_pb2.EchoResponse.FromString)
                texts = [each.text for each in chat(
                    iter([echo_pb2.EchoRequest(text=text)
                          for text in ("one", "two")]), timeout=10)]

        self.assertEqual(answer.text, "hello")
        self.assertEqual(texts, ["one", "two"])


class HealthProbe(harness.TestCase):

    def status(self, address, service):
        """Of grpc.health.v1: 1 is SERVING."""
        import grpc
        with grpc.insecure_channel(address) as channel:
            check = channel.unary_unary("/grpc.health.v1.Health/Check")
            name = service.encode()
            request = b"\x0a" + bytes([len(name)]) + name if name else b""
            answer = check(request, timeout=10)
            self.assertEqual(answer[:1], b"\x08")
            return answer[1]

    def test_each_service_on_each_port_is_serving(self):
        with harness.Daemon() as daemon:
            for address, service in (
                    (daemon.control, ""), (daemon.control, "perfrig.v1.Runs"),
                    (daemon.target, ""),
                    (daemon.target, "perfrig.target.v1.Echo")):
                self.assertEqual(self.status(address, service), 1, service)


class Metrics(harness.TestCase):

    def scrape(self, daemon):
        with urllib.request.urlopen(f"http://{daemon.http}/metrics",
                                    timeout=10) as answer:
            self.assertEqual(answer.status, 200)
            return answer.read()

    def value(self, text, family, **labels):
        """Of the one sample of a family with these labels."""
        wanted = {f'{name}="{value}"' for name, value in labels.items()}
        for line in text.splitlines():
            match = re.fullmatch(family + r"\{(.*)\} (\S+)", line)
            if match and wanted <= set(match.group(1).split(",")):
                return float(match.group(2))
        self.fail(f"no {family} with {labels} in\n{text}")

    def test_promtool_has_nothing_to_say(self):
        promtool = tool("promtool")
        with harness.Daemon() as daemon:
            self.perfrig("run", self.suite(harness.QUICK), daemon=daemon)
            text = self.scrape(daemon)

        done = subprocess.run([promtool, "check", "metrics"], input=text,
                              capture_output=True, timeout=30, check=False)
        self.assertEqual((done.returncode, done.stdout + done.stderr),
                         (0, b""))

    def test_a_run_leaves_its_figures(self):
        with harness.Daemon() as daemon:
            self.perfrig("run", self.suite(harness.QUICK), daemon=daemon)
            text = self.scrape(daemon).decode()

        for family in ("perfrig_build_info", "perfrig_runs_total",
                       "perfrig_call_latency_seconds_bucket",
                       "perfrig_calls_total"):
            self.assertIn(family, text)
        self.assertEqual(200, self.value(text, "perfrig_calls_total",
                                         code="OK", suite="e2e-quick"))

    def test_a_targets_calls_are_counted(self):
        import grpc
        with harness.Daemon() as daemon:
            with grpc.insecure_channel(daemon.target) as channel:
                call = channel.unary_unary("/perfrig.target.v1.Echo/Call")
                for _ in range(3):
                    call(b"", timeout=10)
            text = self.scrape(daemon).decode()

        self.assertEqual(3, self.value(text, "perfrig_target_calls_total",
                                       code="OK", target="echo"))


if __name__ == "__main__":
    unittest.main(verbosity=2)
