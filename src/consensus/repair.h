// Owns: what is missing is asked for, one peer after the other, without a flood: each open fetch
// has its own pace that grows by half up to 10 s, and at most 32 are open (C33, C34, C37, section
// 10).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "base/bytes.h"
#include "base/ids.h"
#include "consensus/types.h"
#include "consensus/view_book.h"

namespace salus::consensus {

inline constexpr std::size_t kOpenFetchesMax = 32;
inline constexpr std::uint64_t kFetchWaitMsMax = 10'000;

// Something to fetch, and whom to ask first.
struct Wanted {
  // A certificate, or with `digest` set the bytes of a block.
  MissingCertificate certificate;
  std::optional<Digest> digest;
  std::optional<ValidatorIndex> first;
  // Let what is on its way arrive before it is asked for.
  bool patient = false;
};

// One question to send now.
struct Question {
  MissingCertificate certificate;
  std::optional<Digest> digest;
  ValidatorIndex to;
};

class Repair {
 public:
  // Replaces what is wanted. Fetches still wanted keep their pace, others end.
  void want(const std::vector<Wanted>& wanted, MonoMs now, std::uint64_t fetch_ms);
  // Questions that are due. `validators` is the size of the set, `own` is never asked.
  std::vector<Question> due(MonoMs now, std::size_t validators, std::optional<ValidatorIndex> own);
  std::optional<MonoMs> next_due() const;
  std::size_t open() const { return open_.size(); }
  // How often a certificate was asked for, and whom last; for the operator.
  struct Asked {
    std::uint32_t tries = 0;
    std::optional<ValidatorIndex> last;
  };
  Asked asked(const MissingCertificate& certificate, std::size_t validators,
              std::optional<ValidatorIndex> own) const;
  void write_fingerprint(ByteWriter& out) const;

 private:
  struct Key {
    std::optional<Digest> digest;
    MissingCertificate certificate;
    auto operator<=>(const Key&) const = default;
  };
  struct Attempt {
    std::optional<ValidatorIndex> first;
    std::uint32_t tries = 0;
    std::uint64_t wait_ms = 0;
    MonoMs next;
  };
  static Key key_of(const Wanted& wanted);

  std::map<Key, Attempt> open_;
};

}  // namespace salus::consensus
