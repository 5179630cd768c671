// An HTTP/2 server over plain sockets that answers as a test says, also in
// ways that no good server would.
//
//   RudeServer server({.goaway_every = 100}, RudeServer::EchoBack);
//   Call(server.address());
#ifndef PERFRIG_TESTS_SUPPORT_RUDE_SERVER_RUDE_SERVER_H_
#define PERFRIG_TESTS_SUPPORT_RUDE_SERVER_RUDE_SERVER_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace perfrig {

class RudeConnection;

class RudeServer {
 public:
  using Fields = std::vector<std::pair<std::string, std::string>>;

  // How it treats connections.
  struct Manners {
    // "127.0.0.1", "::1", or "unix:/path"; the port is the system's choice
    // unless `port` is set.
    std::string listen = "127.0.0.1";
    std::uint16_t port = 0;
    // After so many calls of a connection; later ones are not processed.
    // 0: never.
    std::uint32_t goaway_every = 0;
    std::optional<std::uint32_t> max_streams = std::nullopt;
    // For what it receives, of each stream.
    std::optional<std::uint32_t> window = std::nullopt;
    // Answers when a call's headers are there, and takes no body.
    bool answers_early = false;
    bool sends_settings = true;
    bool closes_at_once = false;
    // Sent as soon as a connection is there, instead of anything else.
    std::string greeting = {};
  };
  // A call as it came.
  struct Seen {
    Fields headers;
    // With gRPC's framing.
    std::string body;
    // 0, 1, 2, …
    std::uint64_t number = 0;

    [[nodiscard]] std::string_view Header(std::string_view name) const;
  };
  // How it answers.
  struct Reply {
    Fields headers = {{":status", "200"}, {"content-type", "application/grpc"}};
    std::string body;
    // None: the headers end the stream.
    Fields trailers = {{"grpc-status", "0"}};
    bool trailers_only = false;
    // Instead of trailers: RST_STREAM with this code.
    std::optional<std::uint32_t> reset = std::nullopt;
    // Instead of trailers: nothing ever.
    bool hangs = false;
    // Sent behind the rest, past HTTP/2; then the connection is silent, or
    // closed.
    std::string raw = {};
    bool closes = false;
  };
  // Called on the server's thread, once for each call.
  using Handler = std::function<Reply(const Seen&)>;

  RudeServer(Manners manners, Handler handler);
  // Closes all connections.
  ~RudeServer();

  RudeServer(const RudeServer&) = delete;
  RudeServer& operator=(const RudeServer&) = delete;

  // As a driver takes it.
  [[nodiscard]] const std::string& address() const { return address_; }
  [[nodiscard]] std::uint16_t port() const { return port_; }
  // Calls that were given to the handler.
  [[nodiscard]] std::uint64_t calls() const { return calls_.load(); }
  [[nodiscard]] std::uint64_t connections() const {
    return connections_.load();
  }

  // Answers with what came, status OK.
  static Reply EchoBack(const Seen& seen);
  // An OK with these messages.
  static Reply Messages(const std::vector<std::string>& messages);
  // Trailers only.
  static Reply Status(int code, std::string message);
  // A message in gRPC's framing.
  static std::string Framed(std::string_view message, bool compressed = false);

 private:
  friend class RudeConnection;

  void Listen();
  void Run();
  void Accept();

  const Manners manners_;
  const Handler handler_;
  std::string address_;
  std::uint16_t port_ = 0;
  int listener_ = -1;
  int wake_ = -1;
  std::atomic<std::uint64_t> calls_ = 0;
  std::atomic<std::uint64_t> connections_ = 0;
  // Of the thread.
  std::vector<std::unique_ptr<RudeConnection>> open_;
  std::thread thread_;
};

}  // namespace perfrig

#endif  // PERFRIG_TESTS_SUPPORT_RUDE_SERVER_RUDE_SERVER_H_
