// Owns: the form of events: the acting account first, ids and numbers only (G-1.9).
#include "dao/context.h"

namespace salus::dao {

void emit(std::vector<v1::Event>& events, v1::EventKind kind, std::vector<AccountId> accounts,
          std::vector<EventNumber> numbers, bool alert) {
  v1::Event& event = events.emplace_back();
  event.set_kind(kind);
  for (const AccountId& account : accounts) {
    // The DAO acts without an account.
    if (!account.is_zero()) event.add_accounts(account.to_string());
  }
  for (const EventNumber& number : numbers) {
    v1::EventAttribute& attribute = *event.add_attributes();
    attribute.set_field(number.field);
    attribute.set_value(number.value);
  }
  event.set_alert(alert);
}

}  // namespace salus::dao
