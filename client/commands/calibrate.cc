#include "client/commands/commands.h"
#include "client/views/rig_text.h"

namespace perfrig {
namespace {

int Calibrate(const Context& context, bool local) {
  // It queues behind runs, which may take long.
  constexpr absl::Duration kTimeout = absl::Hours(1);
  const auto session = OpenSession(context, local);
  if (!session.ok()) return FailStart(context, session.status());
  DaemonClient& client = (*session)->client();
  if (context.terminal.live && !context.json) {
    context.err << "measuring; about 10 s, longer if a run is at work\n";
  }
  return PrintResponse(context, client,
                       client.Call(client.rig(), &v1::Rig::Stub::Calibrate,
                                   v1::CalibrateRequest(), kTimeout),
                       [&](const v1::Calibration& calibration) {
                         return RenderCalibration(calibration,
                                                  context.terminal.style);
                       });
}

}  // namespace

void AddCalibrate(CLI::App& app, Context& context) {
  auto local = std::make_shared<bool>(false);
  CLI::App* command = app.add_subcommand(
      "calibrate", "What the daemon's host can measure, and how well");
  command->add_flag("--local", *local, "Measure with a daemon of this host");
  command->callback([&context, local] {
    context.chosen = [&context, local] { return Calibrate(context, *local); };
  });
}

}  // namespace perfrig
