// Owns: reads that trust no node. Each asks a node for the records that it needs and their proof,
// checks the proof against the validators' certificate, and computes the answer here, by the code
// that nodes run. Not thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "salus/client.h"
#include "salus/verify.h"

namespace salus::client {

template <typename Request>
using AnswerOf = decltype(std::declval<Client&>().query(std::declval<const Request&>()));

// How much of an answer is proven.
enum class Worth : std::uint8_t {
  Whole,     // each record that is shown, and that none is missing
  Records,   // each record that is shown; that none is missing is the node's word
  Computed,  // each record that the answer was computed from; one left out would change it
};

// What is known of the last answer.
struct Standing {
  // The state is the one after this block, and when that was.
  Height height;
  WallMs time;
  Worth worth = Worth::Computed;
  // A later state was verified before: the node is behind, or hides what is new.
  bool is_older = false;
};

class LightClient {
 public:
  // `client` outlives it. `trusted` may be of any epoch; the document is that of its chain. `seen`
  // is the highest state that the caller verified before, by another one of these.
  LightClient(Client& client, TrustedSet trusted, std::string genesis_document,
              Height seen = Height{0})
      : client_(client),
        trusted_(std::move(trusted)),
        genesis_(std::move(genesis_document)),
        seen_(seen) {}

  // Any read of the query services. An error of kind Unproven names the flaw; NotFound is proven.
  // Waits for up to two seconds where the node's latest block is not certified yet, so that one
  // reads what one wrote. The state of genesis, which needs no proof, answers only while no block
  // was ever seen and the node says that there is none.
  template <typename Request>
  AnswerOf<Request> query(const Request& request);

  const Standing& standing() const { return standing_; }
  // The latest set that a proof led to: worth keeping, for the next proof is shorter.
  const TrustedSet& trusted() const { return trusted_; }
  // The highest state that was verified: worth keeping too.
  Height seen() const { return seen_; }
  Client& client() { return client_; }

 private:
  // nullopt: no block was ever seen, and the node has none either.
  using Asked = std::optional<v1::ProveQueryResponse>;
  Result<Asked, Error> ask(const google::protobuf::Message& request);
  Result<v1::ProveQueryResponse, Error> ask_node(const google::protobuf::Message& request);

  Client& client_;
  TrustedSet trusted_;
  std::string genesis_;
  Height seen_;
  Standing standing_;
  // Height for whose certificate a read waited in vain.
  std::uint64_t awaited_ = 0;
};

// The Error of a flaw.
Error error_of(Flaw flaw);

}  // namespace salus::client
