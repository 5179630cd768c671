// One HTTP request over a plain socket.
#ifndef PERFRIG_TESTS_UNIT_SERVER_WEB_HTTP_REQUEST_H_
#define PERFRIG_TESTS_UNIT_SERVER_WEB_HTTP_REQUEST_H_

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>

namespace perfrig {

// The whole response, headers included; "" if there is none. `line` is like
// "GET /metrics".
inline std::string HttpRequest(int port, const std::string& line) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  std::string response;
  if (connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)) ==
      0) {
    const std::string request =
        line + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    send(fd, request.data(), request.size(), MSG_NOSIGNAL);
    char bytes[4096];
    ssize_t got = 0;
    while ((got = read(fd, bytes, sizeof(bytes))) > 0) {
      response.append(bytes, static_cast<std::size_t>(got));
    }
  }
  close(fd);
  return response;
}

}  // namespace perfrig

#endif  // PERFRIG_TESTS_UNIT_SERVER_WEB_HTTP_REQUEST_H_
