// Owns: what Prometheus reads, made anew from one copy of the node's counters for each reading, so
// that nothing is counted twice and no turn waits for a reader.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "node/config.h"
#include "node/driver.h"
#include "node/samples.h"
#include "replica/situation.h"

namespace salus::node {

// A copy of everything that is shown.
struct Measurements {
  replica::Situation situation;
  DriverCounters counters;
  DriverTimes times;
  // From a client's submission to its finality here.
  Samples finality;
};

// Nothing if the node did not answer in time: the page is then empty.
using Measure = std::function<std::optional<Measurements>()>;

struct MetricsError {
  // For the operator: what could not be opened, and what to do.
  std::string reason;
};

// The text that a reader gets.
std::string print_metrics(const Measurements& measured);

// An HTTP listener for /metrics.
class MetricsServer {
 public:
  static Result<std::unique_ptr<MetricsServer>, MetricsError> start(const Endpoint& listen,
                                                                    Measure measure);
  ~MetricsServer();
  std::uint16_t port() const;

 private:
  struct Impl;
  explicit MetricsServer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace salus::node
