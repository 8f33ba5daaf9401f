// Owns: reads that trust no node. Each asks a node for the records that it needs and their proof,
// checks the proof against the validators' certificate, and computes the answer here, by the code
// that nodes run. Not thread-safe.
#pragma once

#include <string>
#include <utility>

#include "salus/client.h"
#include "salus/verify.h"

namespace salus::client {

template <typename Request>
using AnswerOf = decltype(std::declval<Client&>().query(std::declval<const Request&>()));

// What is known of the last answer.
struct Standing {
  // The state is the one after this block, and when that was.
  Height height;
  WallMs time;
  // Not only is each record that is shown proven, but also that none is missing.
  bool is_whole = false;
};

class LightClient {
 public:
  // `client` outlives it. `trusted` may be of any epoch; the document is that of its chain.
  LightClient(Client& client, TrustedSet trusted, std::string genesis_document)
      : client_(client), trusted_(std::move(trusted)), genesis_(std::move(genesis_document)) {}

  // Any read of the query services. An error of kind Unproven names the flaw. Waits for up to two
  // seconds where the node's latest block is not certified yet, so that one reads what one wrote.
  template <typename Request>
  AnswerOf<Request> query(const Request& request);

  const Standing& standing() const { return standing_; }
  // The latest set that a proof led to: worth keeping, for the next proof is shorter.
  const TrustedSet& trusted() const { return trusted_; }

 private:
  Result<v1::ProveQueryResponse, Error> ask(const google::protobuf::Message& request);

  Client& client_;
  TrustedSet trusted_;
  std::string genesis_;
  Standing standing_;
  // Height for whose certificate a read waited in vain.
  std::uint64_t awaited_ = 0;
};

// The Error of a flaw.
Error error_of(Flaw flaw);

}  // namespace salus::client
