// The rings of this process, as its JavaScript thread uses them in its event loop (ring_loop.h).
#pragma once

namespace mpi_futures {

class OwnDoorbell;

// JavaScript thread.
class RingSource {
 public:
  virtual ~RingSource() = default;
  // What has come for that thread goes to the inbox.
  virtual void takeFromRings() = 0;
  // True if there is something to take, as far as can be said without waiting.
  virtual bool ringsFilled() = 0;
  // True if this process waits for tasks of a master that sends them by a ring.
  virtual bool looksForTasks() = 0;
  virtual OwnDoorbell& doorbell() = 0;
};

}  // namespace mpi_futures
