// Owns: the files of the trust folder: nodes.json, and <chain id>.genesis.json, <chain id>.set.json
// and <chain id>.seen.json.
#include "apps/salus/trust.h"

#include <fmt/format.h>
#include <google/protobuf/util/json_util.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "base/bytes.h"
#include "ledger/genesis.h"
#include "salus/light_client.h"

namespace salus::cli {

namespace {

namespace fs = std::filesystem;
using SortedJson = nlohmann::json;

constexpr std::size_t kFileBytesMax = std::size_t{256} << 20U;

std::optional<std::string> read_file(const fs::path& path) {
  std::error_code error;
  const auto size = fs::file_size(path, error);
  if (error || size > kFileBytesMax) return std::nullopt;
  std::ifstream file{path, std::ios::binary};
  std::string bytes{std::istreambuf_iterator<char>{file}, {}};
  return file.bad() ? std::nullopt : std::optional{std::move(bytes)};
}

// Whole or not at all. What can't be kept is asked for again next time.
void write_file(const fs::path& path, const std::string& bytes) {
  std::error_code error;
  fs::create_directories(path.parent_path(), error);
  const fs::path fresh{fmt::format("{}.{}", path.string(), getpid())};
  {
    std::ofstream file{fresh, std::ios::binary};
    file << bytes;
    if (!file.flush()) return;
  }
  fs::rename(fresh, path, error);
}

TrustError doubt(std::string sentence) {
  return {
      .kind = client::Error::Kind::Unproven, .module = "client", .sentence = std::move(sentence)};
}

SortedJson read_nodes(const fs::path& folder) {
  const auto text = read_file(folder / "nodes.json");
  const SortedJson nodes = SortedJson::parse(text.value_or("{}"), nullptr, false);
  return nodes.is_object() ? nodes : SortedJson::object();
}

void note_node(const fs::path& folder, const std::string& node, const ChainId& chain_id) {
  if (folder.empty()) return;
  SortedJson nodes = read_nodes(folder);
  nodes[node] = chain_id.to_hex();
  write_file(folder / "nodes.json", nodes.dump(2) + "\n");
}

fs::path genesis_path(const fs::path& folder, const ChainId& chain_id) {
  return folder / (chain_id.to_hex() + ".genesis.json");
}
fs::path set_path(const fs::path& folder, const ChainId& chain_id) {
  return folder / (chain_id.to_hex() + ".set.json");
}

fs::path seen_path(const fs::path& folder, const ChainId& chain_id) {
  return folder / (chain_id.to_hex() + ".seen.json");
}

Result<ChainId, TrustError> ask_chain_id(client::Client& client) {
  const auto status = client.query(v1::GetStatusRequest{});
  if (!status) return std::unexpected(status.error());
  const auto id = ChainId::from(status->chain_id());
  if (!id) return std::unexpected(doubt("The node names no chain. Ask another node."));
  return *id;
}

bool is_test_network(const fs::path& folder, const ChainId& chain_id) {
  const auto text = read_file(genesis_path(folder, chain_id));
  v1::GenesisDocument document;
  return text && google::protobuf::util::JsonStringToMessage(*text, &document).ok() &&
         document.class_() == v1::GENESIS_CLASS_TEST;
}

// As noted at the first contact. A test network may be made anew at the same address; another one
// that changes under its users is an attack or an accident, and its proofs will be refused.
Result<ChainId, TrustError> known_or_first(const TrustOptions& options, const fs::path& folder,
                                           client::Client& client, std::string& remark) {
  const SortedJson nodes = folder.empty() ? SortedJson::object() : read_nodes(folder);
  const auto noted = nodes.find(options.node);
  const auto known = noted != nodes.end() && noted->is_string()
                         ? ChainId::from_hex(noted->get<std::string>())
                         : std::nullopt;
  if (known && !is_test_network(folder, *known)) return *known;
  const auto now = ask_chain_id(client);
  if (!now) return now;
  if (known && *known == *now) return *known;
  remark = known ? fmt::format("The test network at {} was made anew: it is chain {} now.",
                               options.node, now->to_hex())
                 : fmt::format(
                       "First contact with {}: it is trusted to be of chain {}. To trust "
                       "nobody, name your consortium's: --chain-id or --genesis.",
                       options.node, now->to_hex());
  note_node(folder, options.node, *now);
  return *now;
}

Result<std::string, TrustError> genesis_of(const ChainId& chain_id, const fs::path& folder,
                                           client::Client& client) {
  if (!folder.empty()) {
    auto kept = read_file(genesis_path(folder, chain_id));
    if (kept && ledger::chain_id_of(as_bytes(*kept)) == chain_id) return std::move(*kept);
  }
  auto response = client.query(v1::GetGenesisRequest{});
  if (!response) return std::unexpected(response.error());
  if (ledger::chain_id_of(as_bytes(response->document())) != chain_id) {
    return std::unexpected(client::error_of(client::Flaw::GenesisForged));
  }
  if (!folder.empty()) write_file(genesis_path(folder, chain_id), response->document());
  return std::move(*response->mutable_document());
}

std::optional<client::TrustedSet> kept_set(const fs::path& folder, const ChainId& chain_id) {
  if (folder.empty()) return std::nullopt;
  const auto text = read_file(set_path(folder, chain_id));
  client::TrustedSet set{.chain_id = chain_id, .epoch = {}, .validators = {}};
  if (!text || !google::protobuf::util::JsonStringToMessage(*text, &set.validators).ok()) {
    return std::nullopt;
  }
  set.epoch = Epoch{set.validators.epoch()};
  return set;
}

Height kept_height(const fs::path& folder, const ChainId& chain_id) {
  if (folder.empty()) return Height{0};
  const auto text = read_file(seen_path(folder, chain_id));
  const SortedJson seen = SortedJson::parse(text.value_or("{}"), nullptr, false);
  const auto height = seen.is_object() ? seen.find("height") : seen.end();
  return height != seen.end() && height->is_number_unsigned() ? Height{height->get<std::uint64_t>()}
                                                              : Height{0};
}

}  // namespace

fs::path trust_folder(const std::string& option) {
  if (!option.empty()) return option;
  if (const char* state = std::getenv("XDG_STATE_HOME"); state != nullptr && *state != '\0') {
    return fs::path{state} / "salus";
  }
  if (const char* home = std::getenv("HOME"); home != nullptr && *home != '\0') {
    return fs::path{home} / ".local" / "state" / "salus";
  }
  return {};
}

Result<Trust, TrustError> establish_trust(const TrustOptions& options, client::Client& client) {
  Trust trust;
  trust.folder = trust_folder(options.folder);
  std::optional<ChainId> chain_id;
  if (!options.chain_id.empty()) {
    chain_id = ChainId::from_hex(options.chain_id);
    if (!chain_id) {
      return std::unexpected(
          doubt(fmt::format("'{}' is no chain id of 64 hex digits.", options.chain_id)));
    }
  }
  if (!options.genesis_file.empty()) {
    auto document = read_file(options.genesis_file);
    if (!document) {
      return std::unexpected(doubt(fmt::format("{} can't be read.", options.genesis_file)));
    }
    trust.genesis = std::move(*document);
    if (!chain_id) chain_id = ledger::chain_id_of(as_bytes(trust.genesis));
  }
  if (!chain_id) {
    const auto known = known_or_first(options, trust.folder, client, trust.remark);
    if (!known) return std::unexpected(known.error());
    chain_id = *known;
  }
  if (trust.genesis.empty()) {
    auto document = genesis_of(*chain_id, trust.folder, client);
    if (!document) return std::unexpected(document.error());
    trust.genesis = std::move(*document);
  }
  const auto first = client::trust_genesis(trust.genesis, *chain_id);
  if (!first) return std::unexpected(client::error_of(first.error()));
  trust.set = kept_set(trust.folder, *chain_id).value_or(*first);
  trust.seen = kept_height(trust.folder, *chain_id);
  return trust;
}

void keep(const Trust& trust, const client::TrustedSet& latest) {
  if (trust.folder.empty() || latest.epoch <= trust.set.epoch) return;
  std::string text;
  if (!google::protobuf::util::MessageToJsonString(latest.validators, &text).ok()) return;
  write_file(set_path(trust.folder, latest.chain_id), text + "\n");
}

void keep_seen(Trust& trust, Height seen) {
  if (seen <= trust.seen) return;
  trust.seen = seen;
  if (trust.folder.empty()) return;
  write_file(seen_path(trust.folder, trust.set.chain_id),
             SortedJson{{"height", seen.value()}}.dump() + "\n");
}

std::vector<KnownNode> known_nodes(const fs::path& folder) {
  std::vector<KnownNode> out;
  const SortedJson nodes = read_nodes(folder);
  for (const auto& [node, chain_id] : nodes.items()) {
    if (chain_id.is_string()) out.push_back({node, chain_id.get<std::string>()});
  }
  return out;
}

bool forget_node(const fs::path& folder, const std::string& node) {
  SortedJson nodes = read_nodes(folder);
  const auto known = nodes.find(node);
  if (known == nodes.end()) return false;
  const auto chain_id =
      known->is_string() ? ChainId::from_hex(known->get<std::string>()) : std::nullopt;
  if (chain_id) {
    std::error_code error;
    fs::remove(set_path(folder, *chain_id), error);
    fs::remove(seen_path(folder, *chain_id), error);
  }
  nodes.erase(known);
  write_file(folder / "nodes.json", nodes.dump(2) + "\n");
  return true;
}

}  // namespace salus::cli
