#include "mpi_thread/doorbell.h"

#include <fstream>
#include <utility>

#ifdef __linux__
#include <linux/futex.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#else
#include <condition_variable>
#include <mutex>
#endif

#include "ending/environment.h"
#include "mpi_thread/never_destroyed.h"

namespace mpi_futures {

namespace {

bool isAlone() { return isSwitchedOff("MPI_FUTURES_SHARED_MEMORY"); }

}  // namespace

#ifdef __linux__

namespace {

long futex(std::atomic<uint32_t>* word, int operation, uint32_t value, const timespec* timeout) {
  return syscall(SYS_futex, reinterpret_cast<uint32_t*>(word), operation, value, timeout, nullptr,
                 0);
}

void ringWord(DoorbellWord* bell) {
  bell->word.fetch_add(1);
  if (bell->sleeping.load() != 0) futex(&bell->word, FUTEX_WAKE, 1, nullptr);
}

// Two processes share a kernel, and so can share memory, if and only if this is equal.
std::string bootId() {
  std::ifstream file("/proc/sys/kernel/random/boot_id");
  std::string id;
  std::getline(file, id);
  return id;
}

// Fresh memory is all zero, as a word is at first.
DoorbellWord* wordIn(const SharedMemory& memory) {
  return reinterpret_cast<DoorbellWord*>(memory.data());
}

}  // namespace

OwnDoorbell::OwnDoorbell() {
  if (isAlone()) {
    address_.host = kNobody;
    return;
  }
  memory_ = SharedMemory::make(sizeof(DoorbellWord));
  if (memory_ == nullptr) return;
  word_ = wordIn(*memory_);
  address_ = {bootId(), memory_->address(), memory_->tokenAt()};
}

void OwnDoorbell::ring() { ringWord(word_); }

uint32_t OwnDoorbell::prepare() {
  word_->sleeping = 1;
  return word_->word.load();
}

void OwnDoorbell::cancel() { word_->sleeping = 0; }

bool OwnDoorbell::sleep(uint32_t ticket, std::chrono::microseconds longest) {
  const timespec timeout = {static_cast<time_t>(longest.count() / 1000000),
                            static_cast<long>(longest.count() % 1000000 * 1000)};
  futex(&word_->word, FUTEX_WAIT, ticket, &timeout);
  word_->sleeping = 0;
  return word_->word.load() != ticket;
}

std::unique_ptr<PeerDoorbell> PeerDoorbell::open(const DoorbellAddress& address) {
  if (address.host.empty() || address.host != bootId() || isAlone()) return nullptr;
  std::unique_ptr<SharedMemory> memory = SharedMemory::open(address.memory, sizeof(DoorbellWord));
  if (memory == nullptr) return nullptr;
  return std::make_unique<PeerDoorbell>(std::move(memory), address.memory);
}

PeerDoorbell::PeerDoorbell(std::unique_ptr<SharedMemory> memory, const SharedMemoryAddress& address)
    : memory_(std::move(memory)), word_(wordIn(*memory_)), address_(address) {}

void PeerDoorbell::ring() { ringWord(word_); }

bool PeerDoorbell::setPipe(int32_t fd) {
  if (fd < 0 || pipe_) return static_cast<bool>(pipe_);
  // For reading, too: so it always has a reader, and to write to it is no error after the peer's
  // end.
  FileDescriptor opened = openFileOf(address_.pid, fd);
  struct stat kind;
  if (!opened || fstat(opened.get(), &kind) != 0 || !S_ISFIFO(kind.st_mode)) return false;
  // The process may have ended, and its id be that of another one. Not as long as the doorbell is
  // found there.
  if (SharedMemory::open(address_, sizeof(DoorbellWord))) pipe_ = std::move(opened);
  return static_cast<bool>(pipe_);
}

void PeerDoorbell::call() {
  if (!pipe_) return ring();
  if (word_->called.exchange(1) != 0) return;
  // A full pipe wakes it, too.
  [[maybe_unused]] const ssize_t written = write(pipe_.get(), "", 1);
}

#else

namespace {
NeverDestroyed<std::mutex> bellMutex;
NeverDestroyed<std::condition_variable> bellRung;
}  // namespace

OwnDoorbell::OwnDoorbell() {
  if (isAlone()) address_.host = kNobody;
}

void OwnDoorbell::ring() {
  word_->word.fetch_add(1);
  if (word_->sleeping.load() == 0) return;
  std::lock_guard<std::mutex> guard(*bellMutex);
  bellRung->notify_one();
}

uint32_t OwnDoorbell::prepare() {
  word_->sleeping = 1;
  return word_->word.load();
}

void OwnDoorbell::cancel() { word_->sleeping = 0; }

bool OwnDoorbell::sleep(uint32_t ticket, std::chrono::microseconds longest) {
  std::unique_lock<std::mutex> guard(*bellMutex);
  bellRung->wait_for(guard, longest, [&] { return word_->word.load() != ticket; });
  word_->sleeping = 0;
  return word_->word.load() != ticket;
}

std::unique_ptr<PeerDoorbell> PeerDoorbell::open(const DoorbellAddress&) { return nullptr; }
PeerDoorbell::PeerDoorbell(std::unique_ptr<SharedMemory> memory, const SharedMemoryAddress& address)
    : memory_(std::move(memory)), word_(nullptr), address_(address) {}
void PeerDoorbell::ring() { (void)word_; }
bool PeerDoorbell::setPipe(int32_t) { return false; }
void PeerDoorbell::call() {}

#endif

}  // namespace mpi_futures
