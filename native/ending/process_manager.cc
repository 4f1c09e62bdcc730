#include "ending/process_manager.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string>

#include "communicators/library.h"
#include "ending/environment.h"

namespace mpi_futures {

namespace {

constexpr int kPatience = 1000;  // milliseconds for an answer

// Another PMI than the first has other words on the same socket. MPICH takes the variable under
// each of these names.
bool speaksAnotherPmi() {
  for (const char* name :
       {"MPIR_CVAR_PMI_VERSION", "MPIR_PARAM_PMI_VERSION", "MPICH_PMI_VERSION"}) {
    const char* version = std::getenv(name);
    if (version != nullptr && std::strcmp(version, "1") != 0) return true;
  }
  return false;
}

// PMI_FD is also what Slurm's PMI-2 sets; HYDI_CONTROL_FD is set by hydra alone.
int socketOfHydra() {
  const char* fd = std::getenv("PMI_FD");
  return fd == nullptr || std::getenv("HYDI_CONTROL_FD") == nullptr ? -1 : std::atoi(fd);
}

// The library of another process manager has words of its own.
bool speaksPmi1() {
  return !speaksAnotherPmi() && libraryText().find("--with-pmi=") == std::string::npos;
}

bool runsOverUcx() { return libraryText().find("ch4:ucx") != std::string::npos; }

// As takeSocket() has marked it; closed, another file may have its number.
bool isTaken(int fd) { return fd >= 0 && fcntl(fd, F_GETOWN) == getpid(); }

bool awaitInput(int fd) {
  pollfd input = {fd, POLLIN, 0};
  int ready;
  do {
    ready = poll(&input, 1, kPatience);
  } while (ready < 0 && errno == EINTR);
  return ready > 0;
}

}  // namespace

bool shouldResign() {
  return socketOfHydra() >= 0 && runsOverUcx() && speaksPmi1() &&
         !isSwitchedOff("MPI_FUTURES_RESIGN");
}

bool resign() {
  const int fd = socketOfHydra();
  const char command[] = "cmd=finalize\n";
  const ssize_t length = sizeof command - 1;
  if (fd < 0 || write(fd, command, length) != length) return false;
  char last = 0;
  while (last != '\n') {
    if (!awaitInput(fd) || read(fd, &last, 1) != 1) return false;
  }
  return true;
}

void resignUnlessDone() {
  if (isTaken(socketOfHydra()) && speaksPmi1()) resign();
}

int takeSocket() {
  const char* variable = std::getenv("PMI_FD");
  if (variable == nullptr) return 0;
  const int fd = std::atoi(variable);
  char next;
  if (recv(fd, &next, 1, MSG_PEEK | MSG_DONTWAIT) == 0) return -1;
  // All who have inherited the socket share its owner, which nothing else uses: there is no
  // O_ASYNC.
  const int owner = fcntl(fd, F_GETOWN);
  if (owner > 0 && owner != getpid()) return owner;
  fcntl(fd, F_SETOWN, getpid());
  return 0;
}

void askForAbort(int code) {
  const int fd = socketOfHydra();
  if (fd < 0 || speaksAnotherPmi()) return;
  const std::string command = "cmd=abort exitcode=" + std::to_string(code) + "\n";
  if (write(fd, command.data(), command.size()) > 0) awaitInput(fd);  // it ends us, as a rule
}

}  // namespace mpi_futures
