"""Good and bad examples for scripts/check-includes."""

import os
import runpy
import unittest

SCRIPT = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                      "../../scripts/check-includes")
check_text = runpy.run_path(SCRIPT)["check_text"]


def breaches(path, *lines):
    return check_text(path, "\n".join(lines) + "\n")


class Layers(unittest.TestCase):

    def allowed(self, path, included):
        self.assertEqual(breaches(path, f'#include "{included}"'), [],
                         f"{path} <- {included}")

    def refused(self, path, included):
        found = breaches(path, f'#include "{included}"')
        self.assertEqual(len(found), 1, f"{path} <- {included}: {found}")

    def test_everyone_may_include_common_and_messages(self):
        for path in ("client/main.cc", "server/load/lane.cc",
                     "common/rpc/status.cc", "tests/unit/a_test.cc"):
            self.allowed(path, "common/time/clock.h")
            self.allowed(path, "perfrig/v1/run.pb.h")

    def test_common_knows_neither_server_nor_client(self):
        self.refused("common/stats/a.h", "server/load/tally.h")
        self.refused("common/stats/a.h", "client/terminal/table.h")

    def test_client_and_server_do_not_meet(self):
        self.refused("client/commands/run.cc", "server/runs/runs.h")
        self.refused("server/api/runs_api.cc", "client/terminal/table.h")
        self.allowed("client/commands/run.cc", "client/terminal/table.h")

    def test_load_sees_the_drivers_interface_only(self):
        self.allowed("server/load/lane.h", "server/drivers/driver.h")
        self.refused("server/load/lane.h", "server/drivers/grpc/session.h")
        self.refused("server/load/lane.h", "server/targets/echo.h")

    def test_drivers_do_not_know_each_other(self):
        self.allowed("server/drivers/grpc/a.cc", "server/drivers/grpc/b.h")
        self.allowed("server/drivers/grpc/a.cc", "server/drivers/driver.h")
        self.refused("server/drivers/local/a.cc", "server/drivers/grpc/b.h")
        self.refused("server/drivers/local/a.cc", "server/targets/echo.h")

    def test_the_cache_knows_no_target(self):
        self.allowed("server/targets/cache.cc", "server/cache/cache.h")
        self.refused("server/cache/cache.cc", "server/targets/echo.h")
        self.refused("server/cache/lru.cc", "server/suites/reader.h")

    def test_arrows_run_one_way(self):
        self.allowed("server/api/a.cc", "server/runs/runs.h")
        self.refused("server/runs/a.cc", "server/api/runs_api.h")
        self.refused("server/suites/a.cc", "server/runs/runs.h")
        self.refused("server/targets/echo.cc", "server/runs/runs.h")
        self.refused("server/targets/behavior/a.cc", "server/targets/echo.h")
        self.allowed("server/targets/echo.cc",
                     "server/targets/behavior/delay.h")

    def test_the_composition_root_sees_the_whole_server(self):
        self.allowed("server/daemon.cc", "server/web/pages.h")
        self.allowed("server/main.cc", "server/daemon.h")
        self.refused("server/daemon.cc", "client/main.h")

    def test_production_never_includes_tests(self):
        self.refused("server/load/lane.cc", "tests/support/fake_clock.h")
        self.allowed("tests/unit/a_test.cc", "tests/support/fake_clock.h")

    def test_a_folder_without_a_rule_is_a_breach(self):
        self.refused("newfolder/a.cc", "server/load/lane.h")


class Libraries(unittest.TestCase):

    def test_grpc_stays_at_the_edges(self):
        line = "#include <grpcpp/grpcpp.h>"
        for path in ("server/api/a.cc", "server/targets/echo.h",
                     "common/rpc/status.h", "server/daemon.cc",
                     "client/main.cc", "tests/integration/a_test.cc"):
            self.assertEqual(breaches(path, line), [], path)
        for path in ("server/runs/a.cc", "server/load/a.cc",
                     "server/drivers/grpc/a.cc", "common/status/a.h",
                     "server/targets/behavior/a.cc"):
            self.assertEqual(len(breaches(path, line)), 1, path)

    def test_a_generated_stub_counts_as_grpc(self):
        line = '#include "perfrig/v1/run.grpc.pb.h"'
        self.assertEqual(breaches("server/api/a.cc", line), [])
        self.assertEqual(len(breaches("server/runs/a.cc", line)), 1)

    def test_each_library_has_its_folder(self):
        for line, home in (("#include <nghttp2/nghttp2.h>",
                            "server/drivers/grpc/a.cc"),
                           ("#include <prometheus/registry.h>",
                            "server/metrics/a.cc"),
                           ("#include <civetweb.h>", "server/web/a.cc"),
                           ("#include <hiredis/hiredis.h>",
                            "server/cache/redis_connection.cc"),
                           ("#include <msgpack.hpp>",
                            "server/cache/messagepack.cc"),
                           ("#include <flatbuffers/flexbuffers.h>",
                            "server/cache/flexbuffers.cc")):
            self.assertEqual(breaches(home, line), [], line)
            self.assertEqual(len(breaches("server/daemon.cc", line)), 1, line)


class Time(unittest.TestCase):

    BAD = (
        "auto t = std::chrono::steady_clock::now();",
        "auto t = absl::Now();",
        "clock_gettime(CLOCK_MONOTONIC, &ts);",
        "std::this_thread::sleep_for(1s);",
        "absl::SleepFor(absl::Seconds(1));",
        "usleep(10);",
        "sleep(1);",
        "seed = time(nullptr);",
    )

    def test_time_is_read_in_one_place(self):
        for line in self.BAD:
            self.assertEqual(len(breaches("server/runs/a.cc", line)), 1, line)
            self.assertEqual(len(breaches("tests/unit/a_test.cc", line)), 1)
            self.assertEqual(breaches("common/time/clock.cc", line), [])
            self.assertEqual(breaches("tests/support/wait.h", line), [])
            self.assertEqual(breaches("tests/bench/a_bench.cc", line), [])

    def test_an_injected_clock_is_fine(self):
        for line in ("auto t = clock_.Now();", "clock->SleepUntil(t);",
                     "Nanos time(int x);", "run.time(0);",
                     "// absl::Now() is not read here",
                     'Log("sleep(1) and absl::Now()");'):
            self.assertEqual(breaches("server/runs/a.cc", line), [], line)

    def test_comments_over_lines_keep_the_line_numbers(self):
        found = breaches("server/runs/a.cc", "/* absl::Now()", "*/",
                         "auto t = absl::Now();")
        self.assertEqual([line for line, _ in found], [3])


if __name__ == "__main__":
    unittest.main()
