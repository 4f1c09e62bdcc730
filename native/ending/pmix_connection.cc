#include "ending/pmix_connection.h"

#ifdef __linux__
#include <dirent.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <memory>
#include <string>
#include <thread>
#endif

namespace mpi_futures {

#ifdef __linux__

namespace {

constexpr std::chrono::microseconds kLook{200};

// As in "1457651712.0;tcp4://127.0.0.1:48131": the part after the last slash. The variable that all
// servers since PMIx 2.1 set.
std::string addressOfServer() {
  const char* uri = std::getenv("PMIX_SERVER_URI21");
  if (uri == nullptr) return "";
  const std::string text = uri;
  return text.substr(text.rfind('/') + 1);
}

std::string addressOfPeer(int socket) {
  sockaddr_storage address = {};
  socklen_t length = sizeof address;
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  if (getpeername(socket, generic, &length) != 0) return "";
  if (address.ss_family != AF_INET && address.ss_family != AF_INET6) return "";
  char host[NI_MAXHOST];
  char port[NI_MAXSERV];
  const int numbers = NI_NUMERICHOST | NI_NUMERICSERV;
  if (getnameinfo(generic, length, host, sizeof host, port, sizeof port, numbers) != 0) return "";
  return std::string(host) + ":" + port;
}

// One of the sockets of this process that are connected to the server, or -1.
int findSocket() {
  const std::string server = addressOfServer();
  if (server.empty()) return -1;
  const std::unique_ptr<DIR, int (*)(DIR*)> descriptors(opendir("/proc/self/fd"), closedir);
  if (descriptors == nullptr) return -1;
  int found = -1;
  while (const dirent* entry = readdir(descriptors.get())) {
    const int descriptor = std::atoi(entry->d_name);  // "." is 0, and looked at twice
    if (addressOfPeer(descriptor) == server) found = descriptor;
  }
  return found;
}

// PMIx has shut the socket down, for all descriptors of it, and the other side has not yet.
bool isHalfClosed(int socket) {
  tcp_info info = {};
  socklen_t length = sizeof info;
  if (getsockopt(socket, IPPROTO_TCP, TCP_INFO, &info, &length) != 0) return false;
  return info.tcpi_state == TCP_FIN_WAIT1 || info.tcpi_state == TCP_FIN_WAIT2;
}

}  // namespace

PmixConnection::PmixConnection() {
  const int socket = findSocket();
  if (socket >= 0) socket_ = FileDescriptor(dup(socket));
}

void PmixConnection::awaitClosed(std::chrono::milliseconds limit) const {
  if (!socket_) return;
  const auto until = std::chrono::steady_clock::now() + limit;
  while (isHalfClosed(socket_.get()) && std::chrono::steady_clock::now() < until)
    std::this_thread::sleep_for(kLook);
}

#else

PmixConnection::PmixConnection() = default;
void PmixConnection::awaitClosed(std::chrono::milliseconds) const {}

#endif

}  // namespace mpi_futures
