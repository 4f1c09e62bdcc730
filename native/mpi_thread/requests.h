// Outstanding MPI requests of the MPI thread, all tested in each of its turns: testing only some of
// them deadlocks once enough receives that wait for their sends sit in front.
#pragma once

#include <memory>
#include <new>
#include <utility>
#include <vector>

#include "communicators/mpi_setup.h"

namespace mpi_futures {

// Told once when its request has ended.
class Completable {
 public:
  virtual ~Completable() = default;
  // `code` is MPI_SUCCESS or the error of the communication; `status` says what was received. May
  // add requests.
  virtual void completed(int code, const MPI_Status& status) = 0;
};

class Requests {
 public:
  bool empty() const { return requests_.empty(); }

  // `owner`, and with it the memory that MPI uses, stays until the request has ended.
  void add(MPI_Request request, std::shared_ptr<Completable> owner) {
    owners_.push_back(std::move(owner));
    try {
      requests_.push_back(request);
    } catch (const std::bad_alloc&) {
      owners_.pop_back();
      throw;
    }
  }

  // True if any had ended.
  bool test() {
    if (requests_.empty()) return false;
    ended_.clear();
    if (!testTogether()) testEach();
    if (ended_.empty()) return false;
    dropEnded();
    for (Ended& each : ended_) {
      const std::shared_ptr<Completable> owner = std::move(each.owner);
      owner->completed(each.error, each.status);
    }
    return true;
  }

 private:
  struct Ended {
    std::shared_ptr<Completable> owner;
    int error;
    MPI_Status status;
  };

  // False if the call itself has failed, and says of no request that it has ended.
  bool testTogether() {
    const int count = static_cast<int>(requests_.size());
    indices_.resize(count);
    statuses_.resize(count);
    int done = 0;
    const int code =
        MPI_Testsome(count, requests_.data(), &done, indices_.data(), statuses_.data());
    if (code != MPI_SUCCESS && code != MPI_ERR_IN_STATUS) return false;
    // MPI_UNDEFINED: all of them are inactive. There are none such here.
    if (done == MPI_UNDEFINED) return false;
    for (int i = 0; i < done; i++) {
      // The fields are set in that case only.
      const int error = code == MPI_ERR_IN_STATUS ? statuses_[i].MPI_ERROR : MPI_SUCCESS;
      if (error != MPI_ERR_PENDING) ends(indices_[i], error, statuses_[i]);
    }
    return true;
  }

  // Finds those that have failed, if the error has not passed.
  void testEach() {
    for (size_t i = 0; i < requests_.size(); i++) {
      int done = 0;
      MPI_Status status{};
      const int code = MPI_Test(&requests_[i], &done, &status);
      if (code != MPI_SUCCESS || done) ends(i, code, status);
    }
  }

  void ends(size_t index, int error, const MPI_Status& status) {
    ended_.push_back({nullptr, error, status});
    ended_.back().owner = std::move(owners_[index]);
  }

  void dropEnded() {
    size_t kept = 0;
    for (size_t i = 0; i < requests_.size(); i++) {
      if (owners_[i] == nullptr) continue;
      requests_[kept] = requests_[i];
      if (kept != i) owners_[kept] = std::move(owners_[i]);
      kept++;
    }
    requests_.resize(kept);
    owners_.resize(kept);
  }

  std::vector<MPI_Request> requests_;
  std::vector<std::shared_ptr<Completable>> owners_;
  std::vector<int> indices_;
  std::vector<MPI_Status> statuses_;
  std::vector<Ended> ended_;
};

}  // namespace mpi_futures
