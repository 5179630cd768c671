// Rules over suites, each broken once; the place is that of the field.
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/suites/reader.h"
#include "tests/unit/server/suites/suite_text.h"

namespace perfrig::suites {
namespace {

using testing::HasSubstr;
using testing::Not;

struct Broken {
  std::string text;
  // All problems.
  std::string problems;
};

void PrintTo(const Broken& broken, std::ostream* out) { *out << broken.text; }

class CheckSuiteTest : public testing::TestWithParam<Broken> {};

TEST_P(CheckSuiteTest, TellsFieldRuleAndValue) {
  EXPECT_EQ(ProblemsOf(GetParam().text), GetParam().problems);
}

Broken Load(const std::string& load, const std::string& problems) {
  return {WithLoad(load), problems};
}

INSTANTIATE_TEST_SUITE_P(
    Loads, CheckSuiteTest,
    testing::Values(
        Load("{}",
             "s.yaml:5:11: tests.t.load needs one of users, rate, "
             "stages, burst, sessions, search"),
        Load("{search: {from: 10/s, to: 100/s}, duration: 1s}", ""),
        Load("{search: {from: 10/s, to: 100/s}}",
             "s.yaml:5:11: tests.t.load never ends: a search needs duration, "
             "of each try"),
        Load("{search: {from: 100/s, to: 10/s}, duration: 1s}",
             "s.yaml:5:38: tests.t.load.search.to must be above from, 100/s, "
             "got 10/s"),
        Load("{search: {to: 10/s}, duration: 1s}",
             "s.yaml:5:20: tests.t.load.search.from must be > 0 and <= "
             "1,000,000, got 0"),
        Load("{search: {from: 1/s, to: 9/s, precision: 60%}, duration: 1s}",
             "s.yaml:5:52: tests.t.load.search.precision must be 0.01 to 0.5, "
             "got 0.6"),
        Load("{search: {from: 1/s, to: 9/s, step: 3}, duration: 1s}",
             "s.yaml:5:41: tests.t.load.search.step unknown key"),
        Load("{users: 1, rate: 5/s, duration: 1s}",
             "s.yaml:5:11: tests.t.load must have one of users, rate, stages, "
             "burst, sessions, search, not several"),
        Load("{sessions: 5}",
             "s.yaml:5:22: tests.t.load.sessions must not be set: "
             "perfrig.target.v1.Echo/Call does not stream both ways"),
        Load("{sessions: 5, iterations: 1}",
             "s.yaml:5:22: tests.t.load.sessions must not be set: "
             "perfrig.target.v1.Echo/Call does not stream both ways\n"
             "s.yaml:5:37: tests.t.load.iterations must not be set: sessions "
             "end when all their messages are answered"),
        Load("{burst: 1, network: 5g}",
             "s.yaml:5:31: tests.t.load.network must be 3g, 4g or a map such "
             "as {latency: 400ms, bandwidth: 1.6Mbit/s}, got \"5g\""),
        Load("{burst: 1, network: {}}",
             "s.yaml:5:31: tests.t.load.network needs latency, bandwidth or "
             "both"),
        Load("{burst: 1, network: {latency: 2m, bandwidth: 1.6Mbit}}",
             "s.yaml:5:41: tests.t.load.network.latency must be 0 to 1m, got "
             "2m\n"
             "s.yaml:5:56: tests.t.load.network.bandwidth must be a bandwidth "
             "such as 1.6Mbit/s or 2MB/s, got \"1.6Mbit\""),
        Load("{burst: 1, network: {bandwidth: 0bit/s}}",
             "s.yaml:5:43: tests.t.load.network.bandwidth must be > 0, got "
             "0"),
        Load("{users: 1000000000, duration: 1s}",
             "s.yaml:5:19: tests.t.load.users must be a whole number, 1 to "
             "100,000, got 1,000,000,000"),
        Load("{users: -5, duration: 1s}",
             "s.yaml:5:19: tests.t.load.users must be a whole number, 1 to "
             "100,000, got -5"),
        Load("{users: 1}",
             "s.yaml:5:11: tests.t.load never ends: needs duration, iterations "
             "or iterations_per_user"),
        Load("{users: 1, iterations: 1, iterations_per_user: 1}",
             "s.yaml:5:58: tests.t.load.iterations_per_user must not stand "
             "beside iterations"),
        Load("{rate: 0, duration: 1s}",
             "s.yaml:5:18: tests.t.load.rate must be > 0 and <= 1,000,000, got "
             "0"),
        Load("{rate: -5/s, duration: 1s}",
             "s.yaml:5:18: tests.t.load.rate must be > 0 and <= 1,000,000, got "
             "-5"),
        Load("{rate: 1e12, duration: 1s}",
             "s.yaml:5:18: tests.t.load.rate must be > 0 and <= 1,000,000, got "
             "1,000,000,000,000"),
        Load("{rate: .nan, duration: 1s}",
             "s.yaml:5:18: tests.t.load.rate must be > 0 and <= 1,000,000, got "
             "NaN"),
        Load("{rate: .inf, duration: 1s}",
             "s.yaml:5:18: tests.t.load.rate must be > 0 and <= 1,000,000, got "
             "infinity"),
        Load("{rate: fast, duration: 1s}",
             "s.yaml:5:18: tests.t.load.rate must be a rate such as 500/s, got "
             "\"fast\""),
        Load("{rate: 5/s}",
             "s.yaml:5:11: tests.t.load never ends: a rate needs duration"),
        Load(
            "{rate: 5/s, duration: 1s, iterations: 3}",
            "s.yaml:5:49: tests.t.load.iterations must not be set: a rate ends "
            "by duration"),
        Load("{rate: 5/s, duration: 0s}",
             "s.yaml:5:33: tests.t.load.duration must be > 0 and <= 24h, got "
             "0"),
        Load("{rate: 5/s, duration: -1s}",
             "s.yaml:5:33: tests.t.load.duration must be > 0 and <= 24h, got "
             "-1s"),
        Load("{rate: 5/s, duration: 25h}",
             "s.yaml:5:33: tests.t.load.duration must be > 0 and <= 24h, got "
             "25h"),
        Load("{rate: 5/s, duration: 1s, think: 1s}",
             "s.yaml:5:44: tests.t.load.think must not be set: only users "
             "think"),
        Load(
            "{rate: 5/s, duration: 1s, connections: per_user}",
            "s.yaml:5:50: tests.t.load.connections must not be set: only users "
            "have connections of their own"),
        Load("{rate: 5/s, duration: 1s, connections: 0}",
             "s.yaml:5:50: tests.t.load.connections must be a whole number, 1 "
             "to 10,000, got 0"),
        Load("{rate: 5/s, duration: 1s, arrivals: possion}",
             "s.yaml:5:47: tests.t.load.arrivals must be constant, poisson or "
             "gamma, got \"possion\" (did you mean poisson?)"),
        Load("{rate: 5/s, duration: 1s, burstiness: 2}",
             "s.yaml:5:49: tests.t.load.burstiness must not be set: only "
             "arrivals: gamma have it"),
        Load("{rate: 5/s, duration: 1s, arrivals: gamma, burstiness: 0}",
             "s.yaml:5:66: tests.t.load.burstiness must be 0.01 to 100, got 0"),
        Load(
            "{rate: 5/s, duration: 1s, max_in_flight: 1000001}",
            "s.yaml:5:52: tests.t.load.max_in_flight must be a whole number, 1 "
            "to 1,000,000, got 1,000,001"),
        Load("{users: 5, duration: 1s, max_in_flight: 5}",
             "s.yaml:5:51: tests.t.load.max_in_flight must not be set: users "
             "have one call in flight each"),
        Load("{users: 5, duration: 1s, arrivals: poisson}",
             "s.yaml:5:46: tests.t.load.arrivals must not be set: only a rate "
             "has arrivals"),
        Load("{burst: 5, duration: 1s}",
             "s.yaml:5:32: tests.t.load.duration must not be set: a burst ends "
             "when it has been sent"),
        Load("{stages: []}",
             "s.yaml:5:20: tests.t.load.stages must have at least one stage"),
        Load("{stages: [{users: 1, duration: 1s}, {rate: 1, duration: 1s}]}",
             "s.yaml:5:47: tests.t.load.stages[1] must set the same as the "
             "first stage, users or rate"),
        Load("{stages: [{users: 1, rate: 1, duration: 1s}]}",
             "s.yaml:5:21: tests.t.load.stages[0] has users and rate; a stage "
             "sets one of them"),
        Load("{stages: [{users: 0, duration: 1s}]}",
             "s.yaml:5:20: tests.t.load.stages must reach more than 0 users or "
             "calls"),
        Load("{stages: [{users: 1}]}",
             "s.yaml:5:21: tests.t.load.stages[0].duration must be > 0 and <= "
             "24h, got 0"),
        Load("{stages: [{users: 1, duration: 1s}], duration: 1s}",
             "s.yaml:5:58: tests.t.load.duration must not be set: stages have "
             "durations of their own"),
        Load("{users: 1, duration: 1s, serch: 5}",
             "s.yaml:5:36: tests.t.load.serch unknown key (did you mean "
             "search?)")));

Broken InTest(const std::string& lines, const std::string& problems) {
  return {WithTest(lines), problems};
}

INSTANTIATE_TEST_SUITE_P(
    Tests, CheckSuiteTest,
    testing::Values(
        Broken{"suite: S!\n" + WithTest("").substr(9),
               "s.yaml:1:8: suite must be 1 to 63 of a-z, 0-9 and -, got "
               "\"S!\""},
        Broken{"suite: s\ntests: {}\n",
               "s.yaml:2:8: tests must have at least one test"},
        Broken{"suite: s\n", "s.yaml:1:1: tests must have at least one test"},
        Broken{"suite: s\ntests:\n  a b: {}\n",
               "s.yaml:3:3: tests.a b must be 1 to 80 of A-Z, a-z, 0-9, _ and "
               "-, got \"a b\"\n"
               "s.yaml:3:3: tests.a b needs call, as in call: "
               "pkg.Service/Method\n"
               "s.yaml:3:3: tests.a b needs load, such as load: {users: 1, "
               "iterations: 100}"},
        Broken{"suite: s\ntests:\n  latency:\n    call: "
               "perfrig.target.v1.Echo/Call\n    load: {burst: 1}\n",
               "s.yaml:3:3: tests.latency must not be the name of a built-in "
               "metric or aggregate, got \"latency\""},
        Broken{"target: spwan\n" + WithTest(""),
               "s.yaml:1:9: target[0] must be self, spawn, host:port, "
               "dns:///name:port or unix:/path, got \"spwan\" "
               "(did you mean spawn?)"},
        Broken{"target: [self, \"h:99999\"]\n" + WithTest(""),
               "s.yaml:1:16: target[1] must be self, spawn, host:port, "
               "dns:///name:port or unix:/path, got \"h:99999\""},
        Broken{"target: {spawn: 0}\n" + WithTest(""),
               "s.yaml:1:17: target[0].spawn must be a whole number, 1 to 64, "
               "got 0"},
        Broken{"target: {}\n" + WithTest(""),
               "s.yaml:1:9: target[0] must say how many, as {spawn: 4}"},
        Broken{"target: [{spawn: 60}, {spawn: 5}]\n" + WithTest(""),
               "s.yaml:1:9: target must spawn at most 64 processes, got 65"},
        Broken{WithTest("    expect: resources.memry.max < 1GB\n"),
               "s.yaml:6:13: tests.t.expect[0] unknown resource \"memry\" (did "
               "you mean memory?)"},
        Broken{WithTest("    expect: resources.memory < 1GB\n"),
               "s.yaml:6:13: tests.t.expect[0] resources.memory needs an "
               "aggregate: resources.memory.p50, resources.memory.p90, "
               "resources.memory.p95, …"},
        Broken{
            WithTest("    expect: resources.memory.max < 1s\n"),
            "s.yaml:6:36: tests.t.expect[0] resources.memory.max is a number "
            "of bytes, 1s is a time; write a size such as 10MB"},
        Broken{WithTest("    target: \"h:80\"\n"
                        "    expect: resources.cpu.avg < 1\n"),
               "s.yaml:7:13: tests.t.expect[0] resources.cpu is of processes "
               "that perfrig can look into: the target must be self or spawn"},
        Broken{WithTest("    profile: memory\n"),
               "s.yaml:6:14: tests.t.profile must be cpu, got \"memory\""},
        Broken{"needs: [redis, postgres]\n" + WithTest(""),
               "s.yaml:1:16: needs[1] must be redis, postgresql, s3 or "
               "baseline, got \"postgres\" (did you mean postgresql?)"},
        Broken{"tags: [\"!x\"]\n" + WithTest(""),
               "s.yaml:1:8: tags[0] must be 1 to 63 of A-Z, a-z, 0-9, _, -, . "
               "and :, got \"!x\""},
        Broken{"defaults: {deadline: 2h, metadata: {X: y}, warmup: 2h}\n" +
                   WithTest(""),
               "s.yaml:1:22: defaults.deadline must be > 0 and <= 1h, got 2h\n"
               "s.yaml:1:40: defaults.metadata.X must be 1 to 200 of a-z, 0-9, "
               "_, - and ., got \"X\"\n"
               "s.yaml:1:52: defaults.warmup must be 0 to 1h, got 2h"},
        InTest("    deadline: 0\n",
               "s.yaml:6:15: tests.t.deadline must be > 0 and <= 1h, got 0"),
        InTest("    time_limit: 0s\n    grace: -1s\n",
               "s.yaml:6:17: tests.t.time_limit must be > 0 and <= 168h, got "
               "0\n"
               "s.yaml:7:12: tests.t.grace must be 0 to 1h, got -1s"),
        InTest(
            "    metadata: {grpc-timeout: 1S}\n",
            "s.yaml:6:30: tests.t.metadata.grpc-timeout must not be a header "
            "that belongs to gRPC, got \"grpc-timeout\""),
        InTest("    observe: {p95: response.index}\n",
               "s.yaml:6:20: tests.t.observe.p95 must not be the name of a "
               "built-in metric or aggregate, got \"p95\""),
        InTest("    observe: {n: response.indx}\n",
               "s.yaml:6:18: tests.t.observe.n perfrig.target.v1.EchoResponse "
               "has no field \"indx\" (did you mean index?)"),
        InTest("    data: {txt: a}\n",
               "s.yaml:6:17: tests.t.data[0].txt perfrig.target.v1.EchoRequest "
               "has no field \"txt\" (did you mean text?)"),
        InTest("    check: {status: [OK, NOTFOUND]}\n",
               "s.yaml:6:26: tests.t.check.status[1] unknown status "
               "\"NOTFOUND\" (did you mean NOT_FOUND?)"),
        InTest("    abort_on_fail: [errors.rate < 5%]\n", ""),
        InTest("    expect: latency.p95 < 5ms in every 10s\n", ""),
        InTest("    abort_on_fail: [latency.p95 < 5%]\n",
               "s.yaml:6:35: tests.t.abort_on_fail[0] latency.p95 is a time, "
               "5% is a share; write a time such as 100ms"),
        InTest("    abort_on_fail: elapsed < 5s\n",
               "s.yaml:6:20: tests.t.abort_on_fail[0] elapsed is known when "
               "the test is over; this is judged while it is at work"),
        InTest("    abort_on_fail: latency.p95 < 5s in every 5s\n",
               "s.yaml:6:20: tests.t.abort_on_fail[0] must have no windows: it "
               "is judged each second on the round so far"),
        InTest("    expect: search.rate > 5/s\n",
               "s.yaml:6:13: tests.t.expect[0] test \"t\" searches for no "
               "rate: its load has no search"),
        InTest("    expect: [latency.p95 < 5%]\n",
               "s.yaml:6:28: tests.t.expect[0] latency.p95 is a time, 5% is a "
               "share; write a time such as 100ms")));

std::string WithSteps(const std::string& steps) {
  return "suite: s\ntests:\n  t:\n    load: {burst: 1}\n    steps:\n" + steps;
}

const char kEcho[] = "call: perfrig.target.v1.Echo/Call";

INSTANTIATE_TEST_SUITE_P(
    Steps, CheckSuiteTest,
    testing::Values(
        Broken{WithSteps(std::string("    - {name: a, ") + kEcho +
                         "}\n    - {" + kEcho + "}\n"),
               "s.yaml:7:7: tests.t.steps[1] needs a name, since the test has "
               "several steps"},
        Broken{WithSteps(std::string("    - {name: a, ") + kEcho +
                         "}\n    - {name: a, " + kEcho + "}\n"),
               "s.yaml:7:14: tests.t.steps[1].name two steps are named a"},
        Broken{WithSteps(std::string("    - {name: a, ") + kEcho +
                         ", observe: {b: response.index}}\n    - {name: b, " +
                         kEcho + "}\n"),
               "s.yaml:7:14: tests.t.steps[1].name b is observed in this test; "
               "a step needs another name"},
        Broken{WithSteps(std::string("    - {name: p95, ") + kEcho + "}\n"),
               "s.yaml:6:14: tests.t.steps[0].name must not be the name of a "
               "built-in metric or aggregate, got \"p95\""},
        Broken{WithSteps("    - {name: a, call: Echo.Call}\n"),
               "s.yaml:6:23: tests.t.steps[0].call must be pkg.Service/Method "
               "or local:NAME, got \"Echo.Call\""},
        Broken{WithSteps("    - {name: a, call: Echo/Call}\n"),
               "s.yaml:6:23: tests.t.steps[0].call the mock targets have no "
               "method \"Echo/Call\" (did you mean "
               "perfrig.target.v1.Echo/Call?)"},
        Broken{WithSteps("    - {name: a, data: {text: x}}\n"),
               "s.yaml:6:7: tests.t.steps[0] needs call, as in call: "
               "pkg.Service/Method"}));

std::string WithMix(const std::string& calls) {
  return "suite: s\ntests:\n  t:\n    load: {burst: 1}\n    mix:\n" + calls;
}

INSTANTIATE_TEST_SUITE_P(
    Mixes, CheckSuiteTest,
    testing::Values(
        Broken{
            WithMix(std::string("    - {name: a, weight: 0, ") + kEcho + "}\n"),
            "s.yaml:6:25: tests.t.mix[0].weight must be > 0 and <= "
            "1,000,000, got 0"},
        Broken{WithMix(std::string("    - {name: a, weight: -1, ") + kEcho +
                       "}\n"),
               "s.yaml:6:25: tests.t.mix[0].weight must be > 0 and <= "
               "1,000,000, got -1"},
        Broken{
            WithMix(std::string("    - {name: a, weigt: 1, ") + kEcho + "}\n"),
            "s.yaml:6:17: tests.t.mix[0].weigt unknown key (did you mean "
            "weight?)"},
        Broken{WithMix(std::string("    - {name: a, ") + kEcho + "}\n    - {" +
                       kEcho + "}\n"),
               "s.yaml:7:7: tests.t.mix[1] needs a name, since the test has "
               "several steps"},
        Broken{WithMix(std::string("    - {name: a, ") + kEcho +
                       ", capture: {b: response.text}}\n"),
               "s.yaml:6:61: tests.t.mix[0].capture must not be set: an "
               "iteration makes one call of a mix, and no later one could use "
               "it"},
        Broken{WithMix(std::string("    - {name: a, ") + kEcho +
                       "}\n    steps: []\n"),
               "s.yaml:6:5: tests.t.mix must not stand beside steps"},
        Broken{WithSteps(std::string("    - {name: a, weight: 1, ") + kEcho +
                         "}\n"),
               "s.yaml:6:17: tests.t.steps[0].weight unknown key"}));

std::string WithGroups(const std::string& lines) {
  return "suite: s\ntests:\n  t:\n    groups:\n" + lines;
}

const char kOneUser[] = ", load: {users: 1, iterations: 9}}\n";

std::string GroupOf(const std::string& name) {
  return "      " + name + ": {" + kEcho + kOneUser;
}

INSTANTIATE_TEST_SUITE_P(
    Groups, CheckSuiteTest,
    testing::Values(
        Broken{WithGroups(GroupOf("p95")),
               "s.yaml:5:7: tests.t.groups.p95 must not be the name of a "
               "built-in metric or aggregate, got \"p95\""},
        Broken{WithGroups("      a: {load: {users: 1, iterations: 9}}\n"),
               "s.yaml:5:7: tests.t.groups.a needs call, as in call: "
               "pkg.Service/Method"},
        Broken{WithGroups(std::string("      a: {") + kEcho + "}\n"),
               "s.yaml:5:7: tests.t.groups.a needs load, such as load: "
               "{users: 1, iterations: 100}"},
        Broken{WithGroups(std::string("      a: {") + kEcho +
                          ", load: {users: 1}}\n"),
               "s.yaml:5:52: tests.t.groups.a.load never ends: needs duration, "
               "iterations or iterations_per_user"},
        Broken{WithGroups(std::string("      a: {") + kEcho + ", rounds: 2" +
                          kOneUser),
               "s.yaml:5:46: tests.t.groups.a.rounds unknown key"},
        Broken{WithGroups(std::string("      a: {") + kEcho +
                          ", observe: {a: response.index}" + kOneUser),
               "s.yaml:5:7: tests.t.groups.a a is observed in this test; a "
               "group needs another name"},
        Broken{WithGroups(GroupOf("a") + "    load: {burst: 1}\n"),
               "s.yaml:6:11: tests.t.load must not be set: each group has a "
               "load of its own"},
        Broken{WithGroups(GroupOf("a") + "    " + kEcho + "\n"),
               "s.yaml:5:7: tests.t.groups a test has either groups or calls "
               "of its own"},
        Broken{
            WithGroups(GroupOf("fast") + "    expect: fest.latency.p50 < 1s\n"),
            "s.yaml:6:13: tests.t.expect[0] unknown test, group or step "
            "\"fest\" (did you mean fast?)"},
        Broken{
            WithGroups(GroupOf("fast") + "    expect: fast.connect.p50 < 1s\n"),
            "s.yaml:6:13: tests.t.expect[0] connect is of the whole test, "
            "not of a part: name it without \"fast\""}));

INSTANTIATE_TEST_SUITE_P(
    GoodAndWarmup, CheckSuiteTest,
    testing::Values(
        InTest("    good: latency < 5%\n",
               "s.yaml:6:21: tests.t.good latency is a time; write one such as "
               "200ms, got 5%"),
        InTest("    good: response.txt == a\n",
               "s.yaml:6:11: tests.t.good perfrig.target.v1.EchoResponse has "
               "no field \"txt\" (did you mean text?)"),
        InTest("    expect: goodput > 5/s\n",
               "s.yaml:6:13: tests.t.expect[0] goodput needs good: in test "
               "\"t\", as in good: latency < 200ms"),
        InTest("    expect: good.rate > 5%\n",
               "s.yaml:6:13: tests.t.expect[0] good needs good: in test "
               "\"t\", as in good: latency < 200ms"),
        Broken{"suite: s\ntests:\n  t:\n    " + std::string(kEcho) +
                   "\n    load: {burst: 5}\n    warmup: auto\n",
               "s.yaml:6:13: tests.t.warmup must not be auto: a burst has no "
               "seconds that could be compared"}));

Broken Before(const std::string& behavior, const std::string& problems) {
  return InTest("    before: {behavior: " + behavior + "}\n", problems);
}

INSTANTIATE_TEST_SUITE_P(
    Actions, CheckSuiteTest,
    testing::Values(
        Before("{databse: {delay: 5s}}",
               "s.yaml:6:34: tests.t.before[0].behavior.databse there is no "
               "target \"databse\" (did you mean database?)"),
        Before("{cache: {l2_delay: 5ms, l2_back_end: real, capacity: 3}}", ""),
        Before("{connection_pool: {connections: 5}}", ""),
        Before("{echo: {}}",
               "s.yaml:6:31: tests.t.before[0].behavior.echo changes nothing"),
        Before("{echo: {delay: 2h}}",
               "s.yaml:6:39: tests.t.before[0].behavior.echo.delay.fixed must "
               "be 0 to 1h, got 2h"),
        Before("{echo: {delay: slow}}",
               "s.yaml:6:39: tests.t.before[0].behavior.echo.delay must be a "
               "time such as 20ms, or a distribution, got \"slow\""),
        Before("{echo: {delay: {lognormal: {median: 1ms, sigma: .nan}}}}",
               "s.yaml:6:72: tests.t.before[0].behavior.echo.delay.lognormal."
               "sigma must be 0 to 5, got NaN"),
        Before("{echo: {faults: [{rate: 60%, hang: true}, {rate: 0.5, drop: "
               "true}]}}",
               "s.yaml:6:40: tests.t.before[0].behavior.echo.faults rates must "
               "add up to at most 1, got 1.1"),
        Before("{echo: {faults: [{rate: 1%, status: UNAVAILBLE}]}}",
               "s.yaml:6:60: tests.t.before[0].behavior.echo.faults[0].status "
               "must be the name of a gRPC status, got \"UNAVAILBLE\" (did you "
               "mean UNAVAILABLE?)"),
        Before("{echo: {stall: {every: 1s, duration: 1s}}}",
               "s.yaml:6:47: tests.t.before[0].behavior.echo.stall.every must "
               "be > duration, 1s, got 1s"),
        Before("{echo: {delay: {quantiles: {0: 2ms, 1: 1ms}}}}",
               "s.yaml:6:63: tests.t.before[0].behavior.echo.delay.quantiles."
               "points[1].value must be >= the one before, 2ms, got 1ms"),
        Before("{echo: {capacty: 3}}",
               "s.yaml:6:32: tests.t.before[0].behavior.echo.capacty unknown "
               "key (did you mean capacity?)"),
        InTest("    before: {call: perfrig.target.v1.Echo/Call, observe: {a: "
               "response.index}}\n",
               "s.yaml:6:58: tests.t.before[0].observe must not be set: the "
               "call is not measured")));

TEST(CheckSuiteTest, ChecksSuitesThatComeAsMessages) {
  const auto suite = FromText<v1::Suite>(R"pb(
    name: "suites/s"
    tests {
      name: "a"
      calls { method: "perfrig.target.v1.Echo/Call" }
      load {
        users: 200000
        stages { users: 1 }
      }
    }
    tests {
      name: "a"
      calls {
        method: "perfrig.target.v1.Echo/Call"
        data: "{"
        deadline { seconds: 1 nanos: -1 }
      }
      load {
        rate: nan
        duration { seconds: 1 }
      }
      before {}
      before {
        behavior {
          target: "targets/echo"
          update_mask { paths: "x" paths: "cache.ttl" paths: "seed" }
        }
      }
    }
  )pb");

  const std::string text = ToText(CheckSuite(suite));

  EXPECT_THAT(text, HasSubstr("tests.a.load must have one of"));
  EXPECT_THAT(text, HasSubstr("tests.a.load.users must be 0 to 100,000, got "
                              "200,000"));
  EXPECT_THAT(text,
              HasSubstr("tests.a#2.name must be unique, got \"a\" again"));
  EXPECT_THAT(text, HasSubstr("tests.a#2.deadline must be a duration, got 1 "
                              "seconds and -1 nanos"));
  EXPECT_THAT(text, HasSubstr("tests.a#2.data[0]"));
  EXPECT_THAT(text, HasSubstr("tests.a#2.load.rate must be > 0 and <= "
                              "1,000,000, got NaN"));
  EXPECT_THAT(text, HasSubstr("tests.a#2.before[0] needs call or behavior"));
  EXPECT_THAT(text,
              HasSubstr("tests.a#2.before[1].behavior.echo update_mask: a "
                        "behavior has no field \"x\""));
  EXPECT_THAT(text, HasSubstr("behavior has no field \"cache.ttl\""));
  EXPECT_THAT(text, Not(HasSubstr("no field \"seed\"")));
}

TEST(CheckSuiteTest, LeavesMethodsOfOtherTargetsToTheRun) {
  EXPECT_EQ(ProblemsOf("target: [self, localhost:1]\n" +
                       WithTest("    data: {anything: [goes]}\n")),
            "");
}

TEST(CheckSuiteTest, AcceptsTheOptionsOfATargetAndNotThoseOfAnother) {
  EXPECT_EQ(ProblemsOf(
                WithTest("    before: [ { behavior: { database: { capacity: 5, "
                         "replicas: 2, slow_pattern: \"rows/*\", slow_by: 5ms, "
                         "failover: 10s, back_end: mock } } } ]\n")),
            "");
  const auto suite = FromText<v1::Suite>(R"pb(
    tests {
      before {
        behavior {
          target: "targets/echo"
          update_mask { paths: "database.replicas" }
        }
      }
    }
  )pb");
  EXPECT_THAT(ToText(CheckSuite(suite)),
              HasSubstr("a behavior has no field \"database.replicas\""));
}

TEST(CheckSuiteTest, AcceptsEveryKindOfTarget) {
  for (const char* target :
       {"self", "h:1", "dns:///a.b-c:80", "unix:/run/x.sock", "127.0.0.1:80",
        "\"[::1]:65535\""}) {
    EXPECT_EQ(
        ProblemsOf(std::string("target: ") + target + "\n" + WithTest("")), "");
  }
}

TEST(CheckSuiteTest, WhatIsCapturedBeforeARoundAllItsCallsMayUse) {
  EXPECT_EQ(
      ProblemsOf(WithTest(
          "    data: {text: \"{{text_of}}\"}\n"
          "    before:\n"
          "      - {call: perfrig.target.v1.Echo/Call, capture: {text_of: "
          "response.text}}\n"
          "      - {call: perfrig.target.v1.Echo/Call, data: {text: "
          "\"{{text_of}}\"}}\n"
          "    after: {call: perfrig.target.v1.Echo/Call, data: {text: "
          "\"{{text_of}}\"}}\n")),
      "");
}

TEST(CheckSuiteTest, RefusesCapturesThatNobodyCouldTell) {
  EXPECT_THAT(
      ProblemsOf(WithTest(
          "    data: {text: \"{{tokn}}\"}\n"
          "    capture: {token: response.text}\n"
          "    before: {call: perfrig.target.v1.Echo/Call, capture: {token: "
          "response.text}}\n"
          "    after: {call: perfrig.target.v1.Echo/Call, capture: {late: "
          "response.text}}\n")),
      AllOf(HasSubstr("s.yaml:6:18: tests.t.data[0].text unknown template "
                      "\"tokn\" (did you mean token?)"),
            HasSubstr("tests.t.capture.token is captured before the round "
                      "already"),
            HasSubstr("tests.t.after[0].capture must not be set: no later call "
                      "could use it")));
}

TEST(CheckSuiteTest, ShowsOnlyFiguresThatAre) {
  EXPECT_THAT(ProblemsOf(WithTest("    show:\n"
                                  "      - latency.p50 / latency.p9\n"
                                  "      - latency.p50 < 5ms\n"
                                  "      - latncy.p50 * 2\n")),
              AllOf(HasSubstr("s.yaml:8:21: tests.t.show[1] compares nothing"),
                    HasSubstr("s.yaml:9:9: tests.t.show[2] unknown metric "
                              "\"latncy\" (did you mean latency?)"),
                    Not(HasSubstr("show[0]"))));
}

TEST(CheckSuiteTest, FamiliesOfMetricsAreNoNamesOfOtherThings) {
  EXPECT_THAT(ProblemsOf(WithTest("    observe: {phase: call.latency}\n")),
              HasSubstr("must not be the name of a built-in metric"));
}

TEST(CheckSuiteTest, ObservedArithmeticIsCheckedInPlace) {
  EXPECT_THAT(
      ProblemsOf(WithTest("    observe: {gap: response.index - call.latency}\n"
                          "    expect: [gap.avg < 1s]\n")),
      HasSubstr("s.yaml:6:37: tests.t.observe.gap response.index is a "
                "plain number, call.latency is a time"));
}

}  // namespace
}  // namespace perfrig::suites
