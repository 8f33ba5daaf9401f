// Owns: a network of real salusd processes on loopback, from its creation to its last process. What
// was started here is stopped here, by process id, also when the bench fails.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"

namespace salus::bench {

struct NetworkError {
  std::string reason;
};

struct NodeUse {
  // Processor time in all threads, user and system.
  double cpu_seconds = 0;
  // Largest resident memory so far.
  std::uint64_t peak_bytes = 0;
};

class LocalNetwork {
 public:
  // `programs`: the folder of salus and salusd. `folder` is created and belongs to the network.
  static Result<LocalNetwork, NetworkError> start(const std::string& programs,
                                                  const std::string& folder, std::size_t validators,
                                                  std::uint16_t base_port);
  ~LocalNetwork();
  LocalNetwork(LocalNetwork&& other) noexcept;
  LocalNetwork& operator=(LocalNetwork&&) = delete;
  LocalNetwork(const LocalNetwork&) = delete;
  LocalNetwork& operator=(const LocalNetwork&) = delete;

  // HOST:PORT of each node's gRPC.
  const std::vector<std::string>& endpoints() const { return endpoints_; }
  const std::string& folder() const { return folder_; }
  // In the order of endpoints.
  std::vector<NodeUse> use() const;
  void stop();

 private:
  LocalNetwork() = default;

  std::string folder_;
  std::vector<std::string> endpoints_;
  std::vector<pid_t> processes_;
};

}  // namespace salus::bench
