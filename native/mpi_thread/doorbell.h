// A doorbell: one word in memory that a sleeping MPI thread waits on and that others ring.
//
// Processes on one host ring each other's through shared memory (Linux), so that an idle process
// sleeps long and still wakes at once. Where that is not possible only the own process rings, and
// the sleeper polls MPI after a bounded time.
// MPI_FUTURES_SHARED_MEMORY=0 has processes of one host treat each other as if they were on
// different ones: nothing rings, nothing is read from another process, and heartbeat.h watches.
//
// The same memory has a word for the JavaScript thread, which waits in its event loop: for a pipe.
// It says whether that thread has been called already, so a burst of messages costs one call of the
// system.
//
// Order matters. Sleeper: sleeping = 1, read word, look for work once more, sleep while word is
// unchanged. Ringer: publish the work, word += 1, wake if sleeping. Both sequentially consistent,
// or a ring is lost.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "shared_memory/shared_memory.h"
#include "system/file_descriptor.h"

namespace mpi_futures {

// Where a peer finds a doorbell.
struct DoorbellAddress {
  // Identifies the running kernel. Empty where bells cannot be shared, kNobody where they must not.
  std::string host;
  SharedMemoryAddress memory;
  uint64_t tokenAt = 0;  // where the token is in the memory of that process: see peer_memory.h
};

inline constexpr const char* kNobody = "nobody";

struct DoorbellWord {
  std::atomic<uint32_t> word{0};
  std::atomic<uint32_t> sleeping{0};
  // Not 0 while the JavaScript thread has been told that something has come, or looks itself.
  std::atomic<uint32_t> called{0};
};

// The doorbell of this process.
class OwnDoorbell {
 public:
  OwnDoorbell();
  OwnDoorbell(const OwnDoorbell&) = delete;
  OwnDoorbell& operator=(const OwnDoorbell&) = delete;
  const DoorbellAddress& address() const { return address_; }
  bool isShared() const { return memory_ != nullptr; }
  void ring();

  // JavaScript thread: nobody need call it until answered(), after which it looks once more.
  void called() { word_->called = 1; }
  // Any thread: whoever has something for the JavaScript thread is to call it.
  void answered() { word_->called = 0; }

  // To sleep: ticket = prepare(); look for work once more; sleep(ticket, …) or cancel().
  uint32_t prepare();
  void cancel();
  // False after the whole time, true if rung.
  bool sleep(uint32_t ticket, std::chrono::microseconds longest);

 private:
  std::unique_ptr<SharedMemory> memory_;  // null where none can be shared
  DoorbellWord own_;                      // is used then
  DoorbellWord* word_ = &own_;
  DoorbellAddress address_;
};

// A peer's doorbell on the same host.
class PeerDoorbell {
 public:
  // Null where it cannot be reached: another host, another namespace, no permission.
  static std::unique_ptr<PeerDoorbell> open(const DoorbellAddress& address);
  PeerDoorbell(std::unique_ptr<SharedMemory> memory, const SharedMemoryAddress& address);
  void ring();
  int64_t pid() const { return address_.pid; }
  // The pipe that wakes the peer's JavaScript thread (ring_loop.h), -1 if it has none. False if it
  // cannot be opened.
  bool setPipe(int32_t fd);
  // Wakes that thread if it can be woken, else the MPI thread.
  void call();

 private:
  const std::unique_ptr<SharedMemory> memory_;
  DoorbellWord* const word_;
  const SharedMemoryAddress address_;
  FileDescriptor pipe_;
};

}  // namespace mpi_futures
