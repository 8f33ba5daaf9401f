// Owns: the text of a backup's manifest.
#include <algorithm>

#include "crypto/hash.h"
#include "upkeep/backup.h"
#include "upkeep/json.h"

namespace salus::upkeep {

namespace {

constexpr std::string_view kFormat = "salus.backup.1";
constexpr std::size_t kNameBytesMax = 128;

std::string checksum(const BackupManifest& manifest) {
  ByteWriter out;
  out.bytes(manifest.chain_id.view());
  out.sized(as_bytes(manifest.network));
  out.u64(manifest.height.value());
  out.bytes(manifest.digest.view());
  out.bytes(manifest.state_root.view());
  out.u32(static_cast<std::uint32_t>(manifest.files.size()));
  for (const BackupFile& file : manifest.files) {
    out.sized(as_bytes(file.path));
    out.u64(file.bytes);
    out.bytes(file.hash.view());
  }
  return crypto::hash(kFormat, out.out()).to_hex();
}

// `genesis.json` or `ledger/<name>`: nothing that leads out of the folder.
bool is_fit(std::string_view path) {
  if (path == kGenesisName) return true;
  constexpr std::string_view kPrefix = "ledger/";
  if (!path.starts_with(kPrefix)) return false;
  const std::string_view name = path.substr(kPrefix.size());
  const auto is_plain = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
           c == '_' || c == '.';
  };
  return !name.empty() && name.size() <= kNameBytesMax && name != "." && name != ".." &&
         std::ranges::all_of(name, is_plain);
}

std::unexpected<Error> damaged(const std::string& what) {
  return std::unexpected(
      Error{Fault::BackupDamaged, "The backup's manifest is damaged: " + what +
                                      " Take another backup; this one proves nothing."});
}

std::optional<std::string> text_at(const Json& json, std::string_view key) {
  const auto found = json.find(key);
  if (found == json.end() || !found->is_string()) return std::nullopt;
  return found->get<std::string>();
}

std::optional<std::uint64_t> number_at(const Json& json, std::string_view key) {
  const auto found = json.find(key);
  if (found == json.end() || !found->is_number_unsigned()) return std::nullopt;
  return found->get<std::uint64_t>();
}

template <typename T>
bool read_fixed(const Json& json, std::string_view key, T& out) {
  const auto text = text_at(json, key);
  const auto value = text ? T::from_hex(*text) : std::nullopt;
  if (value) out = *value;
  return value.has_value();
}

bool read_files(const Json& json, BackupManifest& manifest) {
  const auto files = json.find("files");
  if (files == json.end() || !files->is_array() || files->size() > kBackupFilesMax) return false;
  for (const Json& item : *files) {
    BackupFile file;
    const auto path = item.is_object() ? text_at(item, "path") : std::nullopt;
    const auto bytes = item.is_object() ? number_at(item, "bytes") : std::nullopt;
    if (!path || !bytes || !is_fit(*path) || !read_fixed(item, "hash", file.hash)) return false;
    file.path = *path;
    file.bytes = *bytes;
    manifest.files.push_back(std::move(file));
  }
  return std::ranges::is_sorted(manifest.files, std::ranges::less_equal{}, &BackupFile::path) ||
         manifest.files.size() < 2;
}

}  // namespace

std::string encode(const BackupManifest& manifest) {
  Json json = Json::object();
  json["format"] = kFormat;
  json["chain_id"] = manifest.chain_id.to_hex();
  json["network"] = manifest.network;
  json["height"] = manifest.height.value();
  json["digest"] = manifest.digest.to_hex();
  json["state_root"] = manifest.state_root.to_hex();
  json["files"] = Json::array();
  for (const BackupFile& file : manifest.files) {
    json["files"].push_back(
        {{"path", file.path}, {"bytes", file.bytes}, {"hash", file.hash.to_hex()}});
  }
  json["checksum"] = checksum(manifest);
  return json.dump(2) + "\n";
}

Result<BackupManifest, Error> decode_manifest(std::string_view text) {
  if (text.size() > kManifestBytesMax) return damaged("it is too large.");
  const Json json = Json::parse(text, nullptr, false);
  if (!json.is_object()) return damaged("it is no JSON object.");
  if (text_at(json, "format") != kFormat) {
    return damaged("its format is not " + std::string{kFormat} + ".");
  }
  BackupManifest out;
  const auto network = text_at(json, "network");
  const auto height = number_at(json, "height");
  const bool is_whole = network && height && read_fixed(json, "chain_id", out.chain_id) &&
                        read_fixed(json, "digest", out.digest) &&
                        read_fixed(json, "state_root", out.state_root) && read_files(json, out);
  if (!is_whole) return damaged("a field is missing or malformed.");
  out.network = *network;
  out.height = Height{*height};
  if (text_at(json, "checksum") != checksum(out)) return damaged("its checksum is another one.");
  return out;
}

}  // namespace salus::upkeep
