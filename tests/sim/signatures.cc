// Owns: crypto/ed25519.h with ideal signatures in place of libsodium's: a signature is a hash of
// the public key and the message, a thousand times cheaper. Nobody in the simulator forges one,
// because nobody calls sign() with a key that is not his; flipped bits are refused as by Ed25519.
// Linked in front of the crypto module by the programs that run many seeds; tests/replica keeps
// Ed25519.
#include <algorithm>
#include <cstring>

#include "crypto/ed25519.h"
#include "sim/mixer.h"

namespace salus::crypto {

namespace {

PublicKey public_key_of(const Seed& seed) {
  PublicKey key;
  sim::Mixer mixer{0x5a1u};
  mixer.bytes(seed);
  for (std::size_t i = 0; i < key.bytes.size(); i += 8) {
    const std::uint64_t word = mixer.next();
    std::memcpy(key.bytes.data() + i, &word, sizeof word);
  }
  return key;
}

Signature signature_of(const PublicKey& key, ByteView message) {
  Signature out;
  sim::Mixer mixer{0x516u};
  mixer.bytes(key.view());
  mixer.bytes(message);
  for (std::size_t i = 0; i < out.bytes.size(); i += 8) {
    const std::uint64_t word = mixer.next();
    std::memcpy(out.bytes.data() + i, &word, sizeof word);
  }
  return out;
}

}  // namespace

bool initialise() { return true; }

KeyPair KeyPair::from_seed(const Seed& seed) {
  KeyPair pair;
  pair.public_key_ = public_key_of(seed);
  std::copy(seed.begin(), seed.end(), pair.secret_.begin());
  return pair;
}

KeyPair::KeyPair(KeyPair&& other) noexcept
    : public_key_(other.public_key_), secret_(other.secret_) {}

KeyPair& KeyPair::operator=(KeyPair&& other) noexcept {
  public_key_ = other.public_key_;
  secret_ = other.secret_;
  return *this;
}

KeyPair::~KeyPair() = default;

Seed KeyPair::seed() const {
  Seed out{};
  std::copy_n(secret_.begin(), out.size(), out.begin());
  return out;
}

Signature KeyPair::sign(ByteView message) const { return signature_of(public_key_, message); }

bool verify(const PublicKey& key, ByteView message, const Signature& signature) {
  return signature_of(key, message) == signature;
}

}  // namespace salus::crypto
