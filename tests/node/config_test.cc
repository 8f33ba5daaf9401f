// Owns: the proof that a configuration is understood whole or refused with the place and the
// remedy.
#include "node/config.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "support/temp_folder.h"

namespace salus::node {
namespace {

NodeId node_key(std::uint8_t fill) {
  NodeId out;
  out.bytes.fill(fill);
  return out;
}

// What config/salusd.toml shows.
Config sample() {
  Config config;
  config.name = "meridian";
  config.data_dir = "data";
  config.validator_key = "validator.key";
  config.node_key = "node.key";
  config.passphrase_file = "passphrase";
  config.genesis = "genesis.json";
  config.p2p_listen = {"0.0.0.0", 7201};
  config.peers = {
      {.name = "st-anne", .node_key = node_key(0xa1), .address = {"st-anne.example", 7201}},
      {.name = "registry", .node_key = node_key(0xb2), .address = {"registry.example", 7201}}};
  return config;
}

class ConfigFile : public ::testing::Test {
 protected:
  std::string write(const std::string& text) {
    const auto path = folder_.path() / "salusd.toml";
    std::ofstream{path} << text;
    return path.string();
  }
  std::string refusal(const std::string& text) {
    const auto config = load_config(write(text));
    return config ? "" : config.error().reason;
  }
  salus::testing::TempFolder folder_;
};

constexpr const char* kLeast =
    "[node]\ndata_dir = \"d\"\n[keys]\nnode = \"n\"\n[network]\ngenesis = \"g\"\n";

TEST_F(ConfigFile, comes_back_as_it_was_rendered_with_paths_beside_the_file) {
  const Config written = sample();
  const auto read = load_config(write(render_config(written)));
  ASSERT_TRUE(read) << read.error().reason;
  EXPECT_EQ(read->name, "meridian");
  EXPECT_EQ(read->data_dir, (folder_.path() / "data").string());
  EXPECT_EQ(read->validator_key, (folder_.path() / "validator.key").string());
  EXPECT_EQ(read->genesis, (folder_.path() / "genesis.json").string());
  EXPECT_EQ(read->p2p_listen.to_string(), "0.0.0.0:7201");
  ASSERT_EQ(read->peers.size(), 2U);
  EXPECT_EQ(read->peers[1].name, "registry");
  EXPECT_EQ(read->peers[1].node_key, node_key(0xb2));
  EXPECT_EQ(read->peers[0].address.to_string(), "st-anne.example:7201");
}

// A folder with a quotation mark in its name once made a file that no node could read.
TEST_F(ConfigFile, comes_back_with_every_number_in_its_place) {
  Config written = sample();
  written.block_cache_mib = 101;
  written.page_cache_mib = 102;
  written.journal_file_mib = 103;
  written.verify_threads = 104;
  const auto read = load_config(write(render_config(written)));
  ASSERT_TRUE(read) << read.error().reason;
  EXPECT_EQ(read->block_cache_mib, 101U);
  EXPECT_EQ(read->page_cache_mib, 102U);
  EXPECT_EQ(read->journal_file_mib, 103U);
  EXPECT_EQ(read->verify_threads, 104U);
}

TEST_F(ConfigFile, comes_back_whatever_a_folder_is_called) {
  for (const char* name :
       {R"(/srv/a "big" disk)", R"(/srv/back\slash)", "/srv/Größe 'n'", "/srv/#1"}) {
    Config written = sample();
    written.data_dir = name;
    written.genesis = name;
    const auto read = load_config(write(render_config(written)));
    ASSERT_TRUE(read) << name << ": " << read.error().reason;
    EXPECT_EQ(read->data_dir, name);
    EXPECT_EQ(read->genesis, name);
  }
}

TEST_F(ConfigFile, that_is_shipped_is_the_one_that_init_writes) {
  std::ifstream shipped{std::string{SALUS_SOURCE_DIR} + "/config/salusd.toml"};
  const std::string text{std::istreambuf_iterator<char>{shipped}, {}};
  EXPECT_EQ(text, render_config(sample()));
}

TEST_F(ConfigFile, places_the_operators_socket_in_the_data_folder_or_where_it_is_told) {
  struct Case {
    const char* name;
    std::string text;
    std::string socket;
  };
  const std::string folder = folder_.path().string();
  const Case cases[] = {
      {"not said", "", "unix:" + folder + "/d/operator.sock"},
      {"beside the file", "[operator]\nlisten = \"unix:o.sock\"\n", "unix:" + folder + "/o.sock"},
      {"elsewhere", "[operator]\nlisten = \"unix:/run/o.sock\"\n", "unix:/run/o.sock"},
      {"turned off", "[operator]\nlisten = \"\"\n", ""},
  };
  for (const Case& row : cases) {
    const auto read = load_config(write(kLeast + row.text));
    ASSERT_TRUE(read) << row.name << ": " << read.error().reason;
    EXPECT_EQ(read->operator_listen, row.socket) << row.name;
  }
}

TEST_F(ConfigFile, serves_metrics_only_where_it_is_told) {
  EXPECT_FALSE(load_config(write(kLeast))->metrics_listen);
  EXPECT_FALSE(
      load_config(write(kLeast + std::string{"[metrics]\nlisten = \"\"\n"}))->metrics_listen);
  const auto read =
      load_config(write(kLeast + std::string{"[metrics]\nlisten = \"127.0.0.1:9100\"\n"}));
  ASSERT_TRUE(read);
  ASSERT_TRUE(read->metrics_listen);
  EXPECT_EQ(read->metrics_listen->to_string(), "127.0.0.1:9100");
}

TEST_F(ConfigFile, without_a_validator_key_is_an_observers) {
  Config observer = sample();
  observer.validator_key.clear();
  const auto read = load_config(write(render_config(observer)));
  ASSERT_TRUE(read) << read.error().reason;
  EXPECT_TRUE(read->validator_key.empty());
}

TEST_F(ConfigFile, with_an_unknown_key_is_refused_with_line_and_known_keys) {
  const std::string reason = refusal(
      "[node]\ndata_dir = \"d\"\nnmae = \"x\"\n[keys]\nnode = \"n\"\n[network]\n"
      "genesis = \"g\"\n");
  EXPECT_NE(reason.find("line 3"), std::string::npos) << reason;
  EXPECT_NE(reason.find("node.nmae"), std::string::npos) << reason;
  EXPECT_NE(reason.find("data_dir, name"), std::string::npos) << reason;
}

TEST_F(ConfigFile, that_expresses_a_parameter_of_consensus_is_refused) {
  std::string text{kLeast};
  text += "[consensus]\ndelta_ms = 1\n";
  EXPECT_NE(refusal(text).find("consensus"), std::string::npos);
}

TEST_F(ConfigFile, with_a_wrong_value_is_refused_and_says_what_it_must_be) {
  struct Case {
    const char* name;
    const char* text;
    const char* says;
  };
  constexpr Case kCases[] = {
      {"a number where a text is due", "[log]\nlevel = 3\n", "a text in quotes"},
      {"an unknown level", "[log]\nlevel = \"loud\"\n", "debug, error, info, warn"},
      {"no port", "[rpc]\nlisten = \"localhost\"\n", "HOST:PORT"},
      {"a port that is no number", "[rpc]\nlisten = \"localhost:x\"\n", "HOST:PORT"},
      {"a port over 65535", "[rpc]\nlisten = \"localhost:70000\"\n", "HOST:PORT"},
      {"too little cache", "[resources]\nblock_cache_mib = 1\n", "8 to 65536"},
      {"no page cache", "[resources]\npage_cache_mib = 0\n", "1 to 65536"},
      {"a negative number", "[resources]\nverify_threads = -1\n", "0 to 256"},
      {"an operator's listener that is no socket", "[operator]\nlisten = \"127.0.0.1:1\"\n",
       "not unix:PATH"},
      {"a table that is none", "rpc = 1\n", "a table"},
  };
  for (const Case& row : kCases) {
    // Keys of the top level come before the tables.
    const bool top = std::string_view{row.text}.starts_with("rpc =");
    const std::string reason =
        refusal(top ? std::string{row.text} + kLeast : std::string{kLeast} + row.text);
    EXPECT_NE(reason.find(row.says), std::string::npos) << row.name << ": " << reason;
  }
  const std::string peer = "[[network.peers]]\nname = \"x\"\nnode_key = \"12\"\n";
  EXPECT_NE(refusal(std::string{kLeast} + peer).find("64 hexadecimal"), std::string::npos);
}

TEST_F(ConfigFile, that_lacks_what_has_no_default_is_refused_with_all_that_is_missing) {
  const std::string reason = refusal("[log]\nlevel = \"info\"\n");
  for (const char* key : {"node.data_dir", "keys.node", "network.genesis"}) {
    EXPECT_NE(reason.find(key), std::string::npos) << reason;
  }
}

TEST_F(ConfigFile, that_is_no_toml_or_absent_is_refused_with_the_line) {
  EXPECT_NE(refusal("[node\n").find("line 1"), std::string::npos);
  EXPECT_FALSE(load_config((folder_.path() / "absent.toml").string()));
}

}  // namespace
}  // namespace salus::node
