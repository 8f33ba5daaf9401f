// Owns: sealing a seed with libsodium, and the JSON around it.
#include "storage/key_file.h"

#include <sodium.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "base/assert.h"
#include "crypto/hash.h"

namespace salus::storage {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kFormat = "salus.key.1";
constexpr std::string_view kSealed = "argon2id-secretbox";
constexpr std::string_view kUnprotected = "none";
// The purpose lies inside too, so that a file cannot be relabelled.
constexpr std::size_t kPlainBytes = 16 + 32;
constexpr std::size_t kSealedBytes = kPlainBytes + crypto_secretbox_MACBYTES;

static_assert(crypto_pwhash_SALTBYTES == 16 && crypto_secretbox_NONCEBYTES == 24);

// A few secret bytes, wiped when they go.
template <std::size_t N>
struct Secret {
  std::array<std::uint8_t, N> bytes{};

  Secret() = default;
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  ~Secret() { sodium_memzero(bytes.data(), bytes.size()); }
};

// The fields of a file, as read.
struct Fields {
  KeyPurpose purpose;
  PublicKey public_key;
  // Absent in an unprotected file.
  std::optional<KeyCost> cost;
  KeyFileSalt salt;
  // Sealed, or the bare seed of an unprotected file.
  Bytes secret;
};

// Tells damage from a wrong passphrase; it keeps no secret and stops no attacker, the seal does.
std::string checksum(const Fields& fields) {
  ByteWriter out;
  out.sized(as_bytes(name(fields.purpose)));
  out.bytes(fields.public_key.view());
  out.u8(fields.cost ? 1 : 0);
  const KeyCost cost = fields.cost.value_or(KeyCost{.passes = 0, .memory_bytes = 0});
  out.u64(cost.passes);
  out.u64(cost.memory_bytes);
  out.bytes(fields.salt.salt);
  out.bytes(fields.salt.nonce);
  out.sized(fields.secret);
  return crypto::hash("salus.keyfile.1", out.out()).to_hex();
}

std::string to_text(const Fields& fields) {
  Json json;
  json["format"] = kFormat;
  json["purpose"] = name(fields.purpose);
  json["public_key"] = fields.public_key.to_hex();
  json["protection"] = fields.cost ? kSealed : kUnprotected;
  if (fields.cost) {
    json["passes"] = fields.cost->passes;
    json["memory_bytes"] = fields.cost->memory_bytes;
    json["salt"] = hex(fields.salt.salt);
    json["nonce"] = hex(fields.salt.nonce);
    json["sealed"] = hex(fields.secret);
  } else {
    json["seed"] = hex(fields.secret);
  }
  json["checksum"] = checksum(fields);
  return json.dump(2) + "\n";
}

std::optional<KeyPurpose> purpose_of(std::string_view text) {
  for (const auto purpose : {KeyPurpose::Validator, KeyPurpose::Node, KeyPurpose::Account}) {
    if (name(purpose) == text) return purpose;
  }
  return std::nullopt;
}

std::optional<std::string> text_at(const Json& json, std::string_view key) {
  const auto found = json.find(key);
  if (found == json.end() || !found->is_string()) return std::nullopt;
  return found->get<std::string>();
}

std::optional<Bytes> bytes_at(const Json& json, std::string_view key, std::size_t count) {
  const auto text = text_at(json, key);
  if (!text || text->size() != 2 * count) return std::nullopt;
  return parse_hex(*text);
}

std::optional<std::uint64_t> number_at(const Json& json, std::string_view key) {
  const auto found = json.find(key);
  if (found == json.end() || !found->is_number_unsigned()) return std::nullopt;
  return found->get<std::uint64_t>();
}

// Fills what only a protected file has.
bool read_sealed_fields(const Json& json, Fields& fields) {
  const auto passes = number_at(json, "passes");
  const auto memory_bytes = number_at(json, "memory_bytes");
  const auto salt = bytes_at(json, "salt", fields.salt.salt.size());
  const auto nonce = bytes_at(json, "nonce", fields.salt.nonce.size());
  auto sealed = bytes_at(json, "sealed", kSealedBytes);
  if (!passes || !memory_bytes || !salt || !nonce || !sealed) return false;
  fields.cost = KeyCost{.passes = *passes, .memory_bytes = *memory_bytes};
  std::copy(salt->begin(), salt->end(), fields.salt.salt.begin());
  std::copy(nonce->begin(), nonce->end(), fields.salt.nonce.begin());
  fields.secret = std::move(*sealed);
  return true;
}

std::optional<Fields> read_fields(const Json& json) {
  constexpr std::size_t kSealedFields = 10;
  constexpr std::size_t kUnprotectedFields = 6;
  if (!json.is_object() || text_at(json, "format") != kFormat) return std::nullopt;
  const auto purpose = purpose_of(text_at(json, "purpose").value_or(""));
  const auto public_key = PublicKey::from_hex(text_at(json, "public_key").value_or(""));
  const auto protection = text_at(json, "protection");
  if (!purpose || !public_key || !protection) return std::nullopt;

  Fields fields{*purpose, *public_key, std::nullopt, {}, {}};
  if (*protection == kSealed) {
    if (json.size() != kSealedFields || !read_sealed_fields(json, fields)) return std::nullopt;
    return fields;
  }
  auto seed = bytes_at(json, "seed", crypto::Seed{}.size());
  if (*protection != kUnprotected || json.size() != kUnprotectedFields || !seed) {
    return std::nullopt;
  }
  fields.secret = std::move(*seed);
  return fields;
}

Result<Fields, KeyFileError> parse(std::string_view text) {
  if (text.size() > kKeyFileBytesMax) return std::unexpected(KeyFileError::NotAKeyFile);
  const auto last = text.find_last_not_of(" \t\r\n");
  if (last == std::string_view::npos) return std::unexpected(KeyFileError::Truncated);
  const Json json = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (json.is_discarded()) {
    const bool cut = text.front() == '{' && text[last] != '}';
    return std::unexpected(cut ? KeyFileError::Truncated : KeyFileError::NotAKeyFile);
  }
  auto fields = read_fields(json);
  if (!fields) return std::unexpected(KeyFileError::NotAKeyFile);
  if (text_at(json, "checksum") != checksum(*fields)) {
    return std::unexpected(KeyFileError::Tampered);
  }
  if (fields->cost &&
      (fields->cost->passes > kKeyPassesMax || fields->cost->memory_bytes > kKeyMemoryBytesMax)) {
    return std::unexpected(KeyFileError::CostTooLarge);
  }
  if (fields->cost && (fields->cost->passes < crypto_pwhash_OPSLIMIT_MIN ||
                       fields->cost->memory_bytes < crypto_pwhash_MEMLIMIT_MIN)) {
    return std::unexpected(KeyFileError::NotAKeyFile);
  }
  return std::move(*fields);
}

using BoxKey = Secret<crypto_secretbox_KEYBYTES>;

bool derive(BoxKey& out, std::string_view passphrase, const KeyCost& cost,
            const KeyFileSalt& salt) {
  return crypto_pwhash(out.bytes.data(), out.bytes.size(), passphrase.data(), passphrase.size(),
                       salt.salt.data(), cost.passes, static_cast<std::size_t>(cost.memory_bytes),
                       crypto_pwhash_ALG_ARGON2ID13) == 0;
}

Result<void, KeyFileError> open_seal(const Fields& fields, std::string_view passphrase,
                                     Secret<kPlainBytes>& out) {
  if (passphrase.empty()) return std::unexpected(KeyFileError::PassphraseNeeded);
  BoxKey box;
  if (!derive(box, passphrase, *fields.cost, fields.salt)) {
    return std::unexpected(KeyFileError::OutOfMemory);
  }
  if (crypto_secretbox_open_easy(out.bytes.data(), fields.secret.data(), fields.secret.size(),
                                 fields.salt.nonce.data(), box.bytes.data()) != 0) {
    return std::unexpected(KeyFileError::WrongPassphrase);
  }
  return {};
}

crypto::KeyPair pair_of(ByteView seed) {
  Secret<32> copy;
  std::copy(seed.begin(), seed.end(), copy.bytes.begin());
  return crypto::KeyPair::from_seed(copy.bytes);
}

}  // namespace

std::string_view name(KeyPurpose purpose) {
  switch (purpose) {
    case KeyPurpose::Validator:
      return "validator";
    case KeyPurpose::Node:
      return "node";
    case KeyPurpose::Account:
      return "account";
  }
  std::unreachable();
}

std::string_view sentence(KeyFileError error) {
  switch (error) {
    case KeyFileError::Missing:
      return "There is no key file at this path. Make one with: salus keys new.";
    case KeyFileError::Exists:
      return "There is a file at this path already, and a key is never overwritten. Choose another "
             "path, or move that file away.";
    case KeyFileError::NotAccessible:
      return "The key file cannot be read or written. Check the rights of its folder and the disk.";
    case KeyFileError::OpenToOthers:
      return "Other accounts of this machine can read the key file. Take that away (chmod 600), "
             "and "
             "consider making a new key.";
    case KeyFileError::Truncated:
      return "The key file ends early. Restore it from its copy.";
    case KeyFileError::NotAKeyFile:
      return "This is not a key file that this program can read. Check the path, or use the "
             "version "
             "of Salus that made it.";
    case KeyFileError::Tampered:
      return "The parts of the key file do not belong together: it was edited or damaged. Restore "
             "it from its copy.";
    case KeyFileError::CostTooLarge:
      return "The key file asks for more than 1 GiB of memory or 16 passes to open it. Salus makes "
             "no such files; restore it from its copy.";
    case KeyFileError::WrongPurpose:
      return "The key file is for another purpose. Keys of validators, nodes and accounts never "
             "stand in for each other; check the path.";
    case KeyFileError::EmptyPassphrase:
      return "An empty passphrase protects nothing. Choose one, or ask for an unprotected key by "
             "name.";
    case KeyFileError::PassphraseNeeded:
      return "The key file is protected. Give its passphrase.";
    case KeyFileError::WrongPassphrase:
      return "The passphrase does not open this key file. Nothing was changed; try again.";
    case KeyFileError::OutOfMemory:
      return "There is too little free memory to open the key file. Free some, then try again.";
  }
  std::unreachable();
}

KeyFileSalt KeyFileSalt::random() {
  KeyFileSalt out;
  randombytes_buf(out.salt.data(), out.salt.size());
  randombytes_buf(out.nonce.data(), out.nonce.size());
  return out;
}

Result<std::string, KeyFileError> write_protected_key(const crypto::KeyPair& key,
                                                      KeyPurpose purpose,
                                                      std::string_view passphrase,
                                                      const KeyCost& cost,
                                                      const KeyFileSalt& salt) {
  if (passphrase.empty()) return std::unexpected(KeyFileError::EmptyPassphrase);
  if (cost.passes > kKeyPassesMax || cost.memory_bytes > kKeyMemoryBytesMax) {
    return std::unexpected(KeyFileError::CostTooLarge);
  }
  BoxKey box;
  if (!derive(box, passphrase, cost, salt)) return std::unexpected(KeyFileError::OutOfMemory);

  Secret<kPlainBytes> plain;
  const auto tag = crypto::padded_tag(name(purpose));
  auto seed = key.seed();
  std::copy(seed.begin(), seed.end(), std::copy(tag.begin(), tag.end(), plain.bytes.begin()));
  sodium_memzero(seed.data(), seed.size());

  Fields fields{purpose, key.public_key(), cost, salt, Bytes(kSealedBytes)};
  crypto_secretbox_easy(fields.secret.data(), plain.bytes.data(), plain.bytes.size(),
                        salt.nonce.data(), box.bytes.data());
  return to_text(fields);
}

std::string write_unprotected_key(const crypto::KeyPair& key, KeyPurpose purpose) {
  const auto seed = key.seed();
  return to_text({purpose, key.public_key(), std::nullopt, {}, Bytes(seed.begin(), seed.end())});
}

Result<KeyFileInfo, KeyFileError> read_key_info(std::string_view text) {
  const auto fields = parse(text);
  if (!fields) return std::unexpected(fields.error());
  return KeyFileInfo{fields->purpose, fields->public_key, fields->cost.has_value()};
}

Result<crypto::KeyPair, KeyFileError> read_key(std::string_view text, KeyPurpose purpose,
                                               std::string_view passphrase) {
  const auto fields = parse(text);
  if (!fields) return std::unexpected(fields.error());
  if (fields->purpose != purpose) return std::unexpected(KeyFileError::WrongPurpose);

  Secret<kPlainBytes> plain;
  const auto tag = crypto::padded_tag(name(purpose));
  if (fields->cost) {
    if (const auto opened = open_seal(*fields, passphrase, plain); !opened) {
      return std::unexpected(opened.error());
    }
  } else {
    std::copy(fields->secret.begin(), fields->secret.end(),
              std::copy(tag.begin(), tag.end(), plain.bytes.begin()));
  }
  if (!std::equal(tag.begin(), tag.end(), plain.bytes.begin())) {
    return std::unexpected(KeyFileError::Tampered);
  }
  auto pair = pair_of(ByteView{plain.bytes}.subspan(tag.size()));
  if (pair.public_key() != fields->public_key) return std::unexpected(KeyFileError::Tampered);
  return pair;
}

}  // namespace salus::storage
