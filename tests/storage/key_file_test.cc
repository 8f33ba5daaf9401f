// Owns: the golden text of key files, and that each thing that can be wrong with one has its own
// name.
#include "storage/key_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <random>
#include <set>

#include "a_validator.h"
#include "storage/keystore.h"
#include "storage/validator_key.h"

namespace salus::storage {
namespace {

// As cheap as argon2id goes: the tests are about the file.
constexpr KeyCost kCheap{.passes = 1, .memory_bytes = 8'192};
constexpr std::string_view kPassphrase = "correct horse";

KeyFileSalt a_salt() {
  KeyFileSalt salt;
  salt.salt.fill(0x11);
  salt.nonce.fill(0x22);
  return salt;
}

std::string a_protected_key() {
  return *write_protected_key(a_key(), KeyPurpose::Validator, kPassphrase, kCheap, a_salt());
}

std::string with(std::string text, std::string_view from, std::string_view to) {
  const auto at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

KeyFileError refusal(std::string_view text, std::string_view passphrase = kPassphrase,
                     KeyPurpose purpose = KeyPurpose::Validator) {
  const auto key = read_key(text, purpose, passphrase);
  EXPECT_FALSE(key) << text;
  return key ? KeyFileError{} : key.error();
}

TEST(KeyFile, has_golden_text) {
  EXPECT_EQ(a_protected_key(), R"({
  "format": "salus.key.1",
  "purpose": "validator",
  "public_key": "cecc1507dc1ddd7295951c290888f095adb9044d1b73d696e6df065d683bd4fc",
  "protection": "argon2id-secretbox",
  "passes": 1,
  "memory_bytes": 8192,
  "salt": "11111111111111111111111111111111",
  "nonce": "222222222222222222222222222222222222222222222222",
  "sealed": "53b8163f2223ba18a87f8936a304eb4f92112d89b8e582f601a9daa6c18b2c61219b890d6b8876ba001a10086eeb174959696b59efcd672b81da7f9d89c01e77",
  "checksum": "01f9b458a8117e3a1f2a252fc42833ca96f2e4298754bc2ca19446d3ae816633"
}
)");
  EXPECT_EQ(write_unprotected_key(a_key(), KeyPurpose::Node), R"({
  "format": "salus.key.1",
  "purpose": "node",
  "public_key": "cecc1507dc1ddd7295951c290888f095adb9044d1b73d696e6df065d683bd4fc",
  "protection": "none",
  "seed": "0100000000000000000000000000000000000000000000000000000000000000",
  "checksum": "a813c85a213dc6bf1c21d827620b0d139347e91ce013a85e82816bcd9731ad1c"
}
)");
}

TEST(KeyFile, gives_the_key_back) {
  const auto key = read_key(a_protected_key(), KeyPurpose::Validator, kPassphrase);
  ASSERT_TRUE(key);
  EXPECT_EQ(key->seed(), a_key().seed());
  const auto bare =
      read_key(write_unprotected_key(a_key(), KeyPurpose::Node), KeyPurpose::Node, "");
  ASSERT_TRUE(bare);
  EXPECT_EQ(bare->seed(), a_key().seed());
}

TEST(KeyFile, tells_what_is_public_without_the_passphrase) {
  const auto info = read_key_info(a_protected_key());
  ASSERT_TRUE(info);
  EXPECT_EQ(info->purpose, KeyPurpose::Validator);
  EXPECT_EQ(info->public_key, a_key().public_key());
  EXPECT_TRUE(info->is_protected);
  EXPECT_FALSE(read_key_info(write_unprotected_key(a_key(), KeyPurpose::Node))->is_protected);
}

TEST(KeyFile, never_holds_the_seed_in_the_clear) {
  EXPECT_EQ(a_protected_key().find(hex(a_key().seed())), std::string::npos);
}

TEST(KeyFile, names_each_thing_that_is_wrong) {
  const std::string good = a_protected_key();
  EXPECT_EQ(refusal(good, "wrong horse"), KeyFileError::WrongPassphrase);
  EXPECT_EQ(refusal(good, ""), KeyFileError::PassphraseNeeded);
  EXPECT_EQ(refusal(good, kPassphrase, KeyPurpose::Node), KeyFileError::WrongPurpose);
  EXPECT_EQ(refusal(""), KeyFileError::Truncated);
  EXPECT_EQ(refusal("hello"), KeyFileError::NotAKeyFile);
  EXPECT_EQ(refusal("{}"), KeyFileError::NotAKeyFile);
  EXPECT_EQ(refusal("[" + good + "]"), KeyFileError::NotAKeyFile);
  EXPECT_EQ(refusal(with(good, "salus.key.1", "salus.key.2")), KeyFileError::NotAKeyFile);
  EXPECT_EQ(refusal(with(good, "\"salt\"", "\"pepper\"")), KeyFileError::NotAKeyFile);
  EXPECT_EQ(refusal(with(good, "{", "{\"more\": 1,")), KeyFileError::NotAKeyFile);
  EXPECT_EQ(refusal(good + std::string(kKeyFileBytesMax, ' ')), KeyFileError::NotAKeyFile);
  EXPECT_EQ(refusal(with(good, "validator", "node")), KeyFileError::Tampered);
  EXPECT_EQ(refusal(with(good, "1111", "1112")), KeyFileError::Tampered);
  EXPECT_EQ(refusal(with(good, "8192", "16384")), KeyFileError::Tampered);
}

TEST(KeyFile, cut_anywhere_is_truncated) {
  const std::string good = a_protected_key();
  const std::size_t last = good.find_last_of('}');
  for (std::size_t size = 0; size <= last; ++size) {
    EXPECT_EQ(refusal(good.substr(0, size)), KeyFileError::Truncated) << size;
  }
}

// Whoever edits a file can make its checksum right; what it asks for is capped before it is spent.
TEST(KeyFile, that_costs_too_much_is_refused_before_it_costs) {
  EXPECT_EQ(write_protected_key(a_key(), KeyPurpose::Node, kPassphrase,
                                {.passes = 1, .memory_bytes = kKeyMemoryBytesMax + 1}, a_salt())
                .error(),
            KeyFileError::CostTooLarge);
  EXPECT_EQ(write_protected_key(a_key(), KeyPurpose::Node, kPassphrase,
                                {.passes = kKeyPassesMax + 1, .memory_bytes = 8'192}, a_salt())
                .error(),
            KeyFileError::CostTooLarge);
  // The checksum of the golden file with 2^40 bytes of memory in it.
  const std::string greedy =
      with(with(a_protected_key(), "8192", "1099511627776"),
           "01f9b458a8117e3a1f2a252fc42833ca96f2e4298754bc2ca19446d3ae816633",
           "ad6b9632f917a69a0abaed881fc73d21bd4120a63b733eff3a69ccc29ec3fcd1");
  EXPECT_EQ(refusal(greedy), KeyFileError::CostTooLarge);
}

TEST(KeyFile, refuses_an_empty_passphrase) {
  EXPECT_EQ(write_protected_key(a_key(), KeyPurpose::Node, "", kCheap, a_salt()).error(),
            KeyFileError::EmptyPassphrase);
}

TEST(KeyFile, reader_takes_any_text) {
  constexpr std::uint64_t kSeed = 47;
  std::mt19937_64 random{kSeed};
  const std::string good = a_protected_key();
  constexpr std::string_view kAlphabet = "{}[]\",:0123456789abcdef\\n\x80\xff ";
  for (int round = 0; round < 5'000; ++round) {
    std::string text = round % 2 == 0 ? good : std::string(random() % 200, ' ');
    for (std::size_t change = 0; change < 1 + random() % 6 && !text.empty(); ++change) {
      text[random() % text.size()] = kAlphabet[random() % kAlphabet.size()];
    }
    const auto key = read_key(text, KeyPurpose::Validator, kPassphrase);
    EXPECT_TRUE(!key || key->seed() == a_key().seed()) << "seed " << kSeed << " round " << round;
  }
}

TEST(KeyFile, errors_have_sentences_of_their_own) {
  std::set<std::string_view> sentences;
  for (int i = 0; i <= static_cast<int>(KeyFileError::OutOfMemory); ++i) {
    sentences.insert(sentence(static_cast<KeyFileError>(i)));
  }
  EXPECT_EQ(sentences.size(), static_cast<std::size_t>(KeyFileError::OutOfMemory) + 1);
}

struct KeystoreTest : ::testing::Test {
  salus::testing::TempFolder temp;
  Path path = temp / "validator.json";
};

TEST_F(KeystoreTest, saves_for_the_owner_only_and_never_over_another) {
  ASSERT_TRUE(save_protected_key(path, a_key(), KeyPurpose::Validator, kPassphrase, kCheap));
  struct stat status{};
  ASSERT_EQ(::stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
  const auto again = save_unprotected_key(path, a_key(2), KeyPurpose::Validator);
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error(), KeyFileError::Exists);
  EXPECT_EQ(load_key(path, KeyPurpose::Validator, kPassphrase)->seed(), a_key().seed());
  EXPECT_EQ(load_key_info(path)->public_key, a_key().public_key());
}

TEST_F(KeystoreTest, salts_every_file_anew) {
  ASSERT_TRUE(save_protected_key(path, a_key(), KeyPurpose::Node, kPassphrase, kCheap));
  ASSERT_TRUE(save_protected_key(temp / "b", a_key(), KeyPurpose::Node, kPassphrase, kCheap));
  const Disk disk = read_disk(temp.path());
  EXPECT_NE(disk.begin()->second, disk.rbegin()->second);
}

TEST_F(KeystoreTest, refuses_files_that_others_can_read) {
  ASSERT_TRUE(save_unprotected_key(path, a_key(), KeyPurpose::Node));
  ASSERT_EQ(::chmod(path.c_str(), 0640), 0);
  EXPECT_EQ(load_key(path, KeyPurpose::Node, "").error(), KeyFileError::OpenToOthers);
}

TEST_F(KeystoreTest, names_what_is_wrong_with_a_path) {
  EXPECT_EQ(load_key(path, KeyPurpose::Node, "").error(), KeyFileError::Missing);
  ASSERT_TRUE(make_folder(path));
  ASSERT_EQ(::chmod(path.c_str(), 0700), 0);
  EXPECT_EQ(load_key(path, KeyPurpose::Node, "").error(), KeyFileError::NotAccessible);
  EXPECT_EQ(save_unprotected_key(temp / "no/such/folder", a_key(), KeyPurpose::Node).error(),
            KeyFileError::Missing);
}

TEST_F(KeystoreTest, generates_keys_that_differ) {
  EXPECT_NE(generate_key().public_key(), generate_key().public_key());
}

// S12.
TEST_F(KeystoreTest, a_validator_key_comes_with_its_guard_or_not_at_all) {
  const Path guard = temp / "validator.guard";
  const auto made = create_validator_key(path, guard, kPassphrase, kCheap);
  ASSERT_TRUE(made) << made.error().reason;
  auto key = load_key(path, KeyPurpose::Validator, kPassphrase);
  ASSERT_TRUE(key);
  EXPECT_EQ(key->public_key(), *made);
  EXPECT_TRUE(SignGuard::open(guard, std::move(*key), a_chain()));

  const Disk before = read_disk(temp.path());
  EXPECT_FALSE(create_validator_key(path, guard, kPassphrase, kCheap));
  EXPECT_FALSE(create_validator_key(path, temp / "other.guard", kPassphrase, kCheap));
  EXPECT_FALSE(create_validator_key(temp / "other.json", guard, std::nullopt));
  EXPECT_FALSE(create_validator_key(temp / "other.json", temp / "other.guard", ""));
  EXPECT_EQ(read_disk(temp.path()), before);
}

}  // namespace
}  // namespace salus::storage
