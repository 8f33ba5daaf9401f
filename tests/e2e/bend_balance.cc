// Owns: a ledger whose disk was changed behind the node's back: `bend-balance FOLDER ACCOUNT` adds
// one base unit to the account's native balance, and leaves its tree as it was. The node is down.
#include <fmt/format.h>

#include "base/ids.h"
#include "salus/v1/assets.pb.h"
#include "state/table.h"
#include "state/layout.h"
#include "state/record.h"
#include "storage/data_folder.h"
#include "storage/rocks_store.h"

int main(int argc, char** argv) {
  using namespace salus;
  const auto account = argc == 3 ? AccountId::from_hex(argv[2]) : std::nullopt;
  if (!account) {
    fmt::print(stderr, "usage: bend-balance DATA_FOLDER ACCOUNT\n");
    return 2;
  }
  const auto folder = storage::DataFolder::open(argv[1]);
  if (!folder) {
    fmt::print(stderr, "{}\n", folder.error().reason);
    return 1;
  }
  const auto store = storage::RocksStore::open(folder->ledger());
  if (!store) {
    fmt::print(stderr, "{}\n", store.error().reason);
    return 1;
  }
  const std::string place =
      std::string{state::kStatePrefix} +
      std::string{state::Key{state::Table::Balances}.bytes(account->view()).u32(0).str()};
  v1::Balance balance;
  const auto held = (*store)->get(place);
  if (!held || !balance.ParseFromString(*held)) {
    fmt::print(stderr, "The account holds nothing.\n");
    return 1;
  }
  balance.set_amount(balance.amount() + 1);
  StoreBatch batch;
  batch.put(place, state::encode(balance));
  return (*store)->write(batch) ? 0 : 1;
}
