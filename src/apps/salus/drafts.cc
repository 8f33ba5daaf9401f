// Owns: the examples. A test reads each of them back.
#include "apps/salus/drafts.h"

#include <algorithm>

namespace salus::cli {

const std::vector<Draft>& drafts() {
  static const std::vector<Draft> all{
      {"pay", "Pays from a fund, at once to a member or a marked payee.",
       "fund = \"general\"        # code or number\n"
       "amount = \"250\"          # decimals in quotes\n"
       "payee = \"@tomas\"\n"
       "category = 0            # published code\n"},
      {"create_fund", "Opens a fund.",
       "code = \"rare-diseases\"\n"
       "purpose = 0             # published code\n"},
      {"move_funds", "Moves money between funds; a spend of the source.",
       "from = \"general\"\n"
       "to = \"research\"\n"
       "amount = \"1000\"\n"},
      {"set_budget", "Gives a standing permission to spend from a fund.",
       "fund = \"general\"\n"
       "cap = \"500\"             # in one period\n"
       "period_ms = \"30d\"\n"
       "length_ms = \"365d\"\n"
       "per_payment = \"100\"     # of one payment, at most the cap\n"
       "holders = [\"@mira\", \"@noor\"]  # or holder_role = \"treasurer\"\n"
       "needed = 2              # how many of them sign\n"
       "payees = []             # none listed = any active member\n"
       "category = 0\n"},
      {"renew_budget", "Prolongs a budget by its original length; at most twice.", "budget = 1\n"},
      {"end_budget", "Ends a budget; what is spent stays spent.", "budget = 1\n"},
      {"award_grant", "Promises a sum by milestones; reviewers pay each of them.",
       "fund = \"research\"\n"
       "total = \"300\"\n"
       "payee = \"@ravi\"\n"
       "reviewers = [\"@lena\", \"@mira\"]\n"
       "needed = 2              # reviewers who sign\n"
       "tranches = [            # basis points, together 10000\n"
       "  {bp = 4000, due_ms = \"+90d\"},\n"
       "  {bp = 6000, due_ms = \"+180d\"},\n"
       "]\n"
       "budget = 0              # charged to this budget; 0 = none\n"},
      {"cancel_grant", "Ends a grant; what is unpaid goes back.", "grant = 1\n"},
      {"open_stream", "Promises a sum over time from a fund.",
       "fund = \"general\"\n"
       "payee = \"@lena\"\n"
       "total = \"120\"\n"
       "points = [              # due by then; in a straight line between them\n"
       "  {at_ms = \"+1d\", sum = \"0\"},\n"
       "  {at_ms = \"+366d\", sum = \"120\"},\n"
       "]\n"},
      {"cancel_stream", "Ends a stream; what is due is paid first.", "schedule = 1\n"},
      {"cancel_schedule", "Ends a schedule that lets the DAO do so.", "schedule = 1\n"},
      {"cancel_payout", "Takes a waiting payout back.", "payout = 1\n"},
      {"create_asset", "Creates a kind of token.",
       "code = \"care-hours\"\n"
       "decimals = 2\n"
       "max_supply = \"100000\"\n"
       "issuer = \"@meridian\"    # left out: the DAO mints\n"
       "flags = 1               # 1 transferable, 2 members only, 4 burnable; added up\n"},
      {"set_asset", "Changes a token in favour of its holders.",
       "asset = 1\n"
       "flags = 5\n"
       "max_supply = \"90000\"    # at most the present one\n"},
      {"mint", "Creates units of the native token.",
       "to = \"@meridian\"\n"
       "amount = \"1000\"\n"},
      {"admit_member", "Completes an admission that is decided by vote.",
       "account = \"@ines\"\n"
       "seats = 0               # in a chamber of seats, 1 to 1000\n"},
      {"refuse_application", "Refuses an application.", "account = \"@ines\"\n"},
      {"expel_member", "Expels a member, who may file a defence.",
       "account = \"@tomas\"\n"
       "cause = 1               # published code\n"
       "bar_ms = \"365d\"         # until then no new application\n"},
      {"suspend_member", "Suspends a member.",
       "account = \"@tomas\"\n"
       "until_ms = \"+30d\"\n"
       "cause = 1\n"},
      {"reinstate", "Ends a suspension.", "account = \"@tomas\"\n"},
      {"set_seats", "Changes the seats of an institution.",
       "account = \"@meridian\"\n"
       "seats = 4\n"},
      {"grant_office", "Gives an office for a term.",
       "account = \"@lena\"\n"
       "role = \"treasurer\"      # or operator, sentinel\n"
       "term_ms = \"365d\"\n"},
      {"end_office", "Ends an office.",
       "account = \"@lena\"\n"
       "role = \"treasurer\"\n"},
      {"set_issuer", "Accredits an issuer, or ends that with roles = [].",
       "account = \"@issuer\"\n"
       "roles = [\"patient\", \"clinician\"]\n"
       "per_day = 100\n"
       "void_after_ms = 0       # of one that ends: what it issued since is void\n"},
      {"revoke_credential", "Ends a credential for ever.", "id = 1\n"},
      {"set_parameter", "Changes a parameter of the constitution.",
       "name = \"governance.retry_gap\"\n"
       "to = \"10m\"              # from its present value, which may be named as from\n"},
      {"set_track", "Adds or replaces a track; name every field, for it is set whole.",
       "[actions.set_track.track]\n"
       "id = 10\n"
       "code = \"small-change\"\n"
       "rank = 15\n"
       "schemes = 1             # 1 yes-no, 2 optimistic, 4 choice, 8 approval, 16 quadratic\n"
       "notice_ms = \"48h\"\n"
       "voting_ms = \"7d\"\n"
       "timelock_min_ms = \"48h\"\n"
       "timelock_max_ms = \"4d\"\n"
       "grace_ms = \"14d\"\n"
       "deposit = \"200\"\n"
       "endorsers = 10\n"
       "max_open = 8\n"
       "window_ms = \"30d\"\n"
       "delegation = true\n"
       "group_veto = true\n"
       "chambers = [\n"
       "  {chamber = 1, mode = \"required\", approval_bp = 5000, support_bp = 300, "
       "min_approval_bp = 200, if_small = \"fail\"},\n"
       "]\n"},
      {"set_chamber", "Adds or replaces a chamber; name every field, for it is set whole.",
       "[actions.set_chamber.chamber]\n"
       "id = 2\n"
       "code = \"clinicians\"\n"
       "rule = \"person\"         # or seat, stake\n"
       "roles = [\"clinician\"]\n"
       "precedence = 3\n"
       "admission = \"vouch\"     # or attest, vote\n"
       "min_members = 10\n"},
      {"cancel_proposal", "Ends another proposal; its deposits go back.", "proposal = 1\n"},
      {"end_pause", "Ends a pause early.", "pause = 1\n"},
      {"renew_charges", "Gives every sentinel a charge again.", ""},
      {"change_set", "Adds and removes validators.",
       "add = [\"@operator5\"]\n"
       "remove = [\"@operator2\"]\n"
       "force = false           # true skips the pre-flight's Q2 and Q3\n"},
      {"withdraw_change", "Takes a waiting change of the set out of the queue.", "change = 1\n"},
      {"schedule_upgrade", "Schedules a new version of the protocol.",
       "version = 2\n"
       "manifest_hash = \"0000000000000000000000000000000000000000000000000000000000000001\"\n"
       "from_height = 500000\n"},
      {"cancel_upgrade", "Takes a scheduled upgrade back.", "version = 2\n"},
  };
  return all;
}

namespace {

constexpr std::string_view kTerms =
    "# Beside the actions, all of them optional:\n"
    "# deposit = \"20\"           # the first part; absent: all that is required\n"
    "# by_endorsement = true    # without a deposit, when enough members endorse it\n"
    "# requires = [12]          # proposals that must be executed before\n"
    "# appeal_of = 11           # the vetoed proposal with this content that you appeal against\n"
    "# urgent = true            # on the urgent track, for the few actions it takes\n"
    "# text_hash = \"...\"        # digest of the text that you published, 64 hex digits\n";

std::string action_table(const Draft& draft) {
  std::string out = "[[actions]]\n";
  if (draft.fields.starts_with('[')) return out + std::string{draft.fields};
  return out + "[actions." + std::string{draft.action} + "]\n" + std::string{draft.fields};
}

std::optional<std::string> scheme_file(std::string_view name) {
  struct Scheme {
    std::string_view name;
    std::string_view what;
    bool winners;
  };
  constexpr Scheme kSchemes[] = {
      {"choice", "One of the options wins, or none of them.", false},
      {"approval", "Members approve any of the options; the best ones win.", true},
      {"quadratic", "Members spread credits over the options; the best ones win.", true}};
  const auto found = std::ranges::find(kSchemes, name, &Scheme::name);
  if (found == std::end(kSchemes)) return std::nullopt;
  std::string out = "# " + std::string{found->what} + "\nscheme = \"" + std::string{name} + "\"\n";
  if (found->winners) out += "winners = 1             # 1 to 8\n";
  out += kTerms;
  for (const std::string_view amount : {"100", "200"}) {
    out +=
        "\n[[options]]\n[[options.actions]]\n[options.actions.pay]\nfund = \"general\"\namount = "
        "\"" +
        std::string{amount} + "\"\npayee = \"@tomas\"\n";
  }
  return out;
}

}  // namespace

std::optional<std::string> draft_file(std::string_view name) {
  if (auto options = scheme_file(name)) return options;
  const auto found = std::ranges::find(drafts(), name, &Draft::action);
  if (found == drafts().end()) return std::nullopt;
  return "# " + std::string{found->what} + "\n" + std::string{kTerms} + "\n" + action_table(*found);
}

}  // namespace salus::cli
