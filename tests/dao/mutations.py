"""Owns: how each rule of the DAO is broken by one operator, for scripts/mutate. `text` stands exactly
once in its file, or scripts/mutate says which one moved; `old` stands once in `text`."""
import typing


class Mutation(typing.NamedTuple):
    rule: str
    file: str
    text: str
    instead: str
    what: str


def m(rule, file, text, old, new):
    assert text.count(old) == 1, f"{rule}: {old!r} stands {text.count(old)} times in {text!r}"
    return Mutation(rule, "src/dao/" + file, text, text.replace(old, new), f"{old.strip()} -> {new.strip() or 'gone'}")


VERDICT = "governance/verdict.cc"
OPTIONS = "governance/options.cc"
DEPOSITS = "governance/deposits.cc"
PHASES = "governance/phases.cc"
CASTING = "governance/casting.cc"
RULES = "governance/rules.cc"
LEAST = "governance/least_track.cc"
BALLOTS = "governance/ballots.cc"
EXECUTION = "governance/execution.cc"

MUTATIONS = [
    # Verdicts and ballots, section 8.
    m("G-8.5", VERDICT, ".ok = yes > cast}", ">", ">="),
    m("G-8.5", VERDICT, "(U128{t.yes()} + t.no() + t.veto()) * rule.approval_bp()", " + t.veto()", ""),
    m("G-8.6", VERDICT, ".ok = support >= bar}", ">=", ">"),
    m("G-8.6", VERDICT, "return U128{t.yes()} + t.abstain();", " + t.abstain()", ""),
    m("G-8.6", VERDICT, "return tally.eligible() - tally.recused(); }", " - tally.recused()", ""),
    m("G-8.7", VERDICT, ".ok = yes >= least}", ">=", ">"),
    m("G-8.8", VERDICT, "return t.veto() > 0 && U128{kWhole} * t.veto() >= veto_line", ">=", ">"),
    m("G-8.8", VERDICT, "(U128{t.yes()} + t.abstain() + t.veto()) * bp", " + t.abstain()", ""),
    m("G-8.8", VERDICT, "return std::max(share, U128{eligible(t)} * floor_bp);", "max", "min"),
    m("G-8.8", VERDICT, "static_cast<std::uint64_t>(i) + 2;", "2", "1"),
    m("G-8.9", VERDICT, ".ok = against < bar}", "<", "<="),
    m("G-8.18", VERDICT, "against * kWhole >= U128{eligible(t)}", ">=", ">"),
    m("G-8.18", VERDICT, "U128{kWhole} * t.yes() < (against + t.yes())", "<", "<="),
    m("G-8.15", VERDICT, "if (share < lo || chamber.eligible == 0) continue;", "||", "&&"),
    # At hi both ways give the longest: <= would change nothing.
    m("G-8.15", VERDICT, "if (share < hi) {", "<", ">"),
    m("G-7.9", VERDICT, "(share - lo) / (hi - lo)", " - lo) /", ") /"),
    m("G-7.9", VERDICT, "longest = std::max(longest, delay);", "max", "min"),
    m("G-8.1", VERDICT, "return sum <= kWhole;", "<=", "<"),
    m("G-8.2", VERDICT, "pieces.push_back(upto - given);", " - given", " + given"),
    m("G-8.10", OPTIONS, ".ok = best.sum > none,", ">", ">="),
    m("G-8.10", OPTIONS, ".ok = power > t.none(),", ">", ">="),
    m("G-8.11", OPTIONS, "const bool above = power > chamber.tally->empty();", "power >", "power >="),
    m("G-8.11", OPTIONS, "option.sum > 0 && option.sum > none;", "option.sum > none", "option.sum >= none"),
    m("G-8.11", OPTIONS, "if (a.sum != b.sum) return a.sum > b.sum;", "return a.sum > b.sum",
      "return a.sum < b.sum"),
    m("G-8.11", BALLOTS, "return cost <= rule.credits;", "<=", "<"),
    # Deposits and duplicates, section 7.
    m("G-7.2", DEPOSITS, "std::min(kDoublingsMax, throttle.open / throttle.step + throttle.failures)",
      " + throttle.failures", ""),
    m("G-7.2", DEPOSITS, "1 + throttle.open / throttle.step + throttle.failures;", "1 + ", ""),
    m("G-7.3", DEPOSITS, "mul_div_ceil(required, initial_bp, kWhole)", "mul_div_ceil", "mul_div_floor"),
    m("G-7.3", DEPOSITS, "U128{kWhole} * amount < U128{topup_min_bp} * required", "<", "<="),
    m("G-7.3", DEPOSITS, "if (amount > required - paid)", ">", ">="),
    m("G-7.4", DEPOSITS, "mul_div_floor(deposit, cancel_fee_bp, kWhole)", "mul_div_floor",
      "mul_div_ceil"),
    m("G-7.11", DEPOSITS, "since < spans.bar_ms", "<", "<="),
    m("G-7.11", DEPOSITS, "since >= spans.appeal_window_ms", ">=", ">"),
    m("G-7.11", DEPOSITS, "if (appeal) payload.set_appealed(true);", "if (appeal) payload.set_appealed(true)", "payload.set_appealed(appeal)"),
    m("G-7.11", DEPOSITS, "if (heard && !appeal) payload.set_appealed(false);", "&&", "||"),
    m("G-7.12", DEPOSITS, "if (of_member.open >= of_member.max)", ">=", ">"),
    # Phases and times, section 7.
    m("G-8.14", PHASES, "end - now >= extension", ">=", ">"),
    m("G-7.7", PHASES, "if (passing && (!proposal.passing() || !same))", "||", "&&"),
    m("G-8.13", PHASES, "passed_for < rules.confirmation_ms()", "<", "<="),
    m("G-7.8", PHASES, "proposal.passing_since_ms() + total -", " + total -", " + 0 * total +\n                                0 *"),
    m("G-7.8", PHASES, "proposal.set_passing_outage_ms(total);", "total", "0"),
    m("G-8.19", PHASES, "if (moment.now_ms() >= proposal.grace_until_ms())", ">=", ">"),
    m("G-7.15", PHASES, "proposal.set_grace_until_ms(proposal.grace_until_ms() + moved);", " + moved", " - moved"),
    m("G-6.8", PHASES, "if (total.members >= chamber->min_members()) return tally;", ">=", ">"),
    m("G-7.5", CASTING, "now_ms >= proposal.phase_until_ms() + credit_ms", ">=", ">"),
    m("G-7.13", EXECUTION, "if (execution.state() == v1::EXECUTION_STATE_DONE)", "==", "!="),
    m("G-7.15", EXECUTION, "if (!held && context.now_ms() - proposal->last_attempt_ms() <", "!held", "held"),
    m("G-7.16", EXECUTION, "earlier->state() == v1::PROPOSAL_STATE_EXECUTED;", "==", "!="),
    m("G-6.6", EXECUTION, "charge_windows(attempt, proposal.window_track(),", "proposal.window_track()", "0"),
    # Power, section 5.
    m("G-5.2", "power/history.h", "*reader < points->at(i + 1).since()", "<", ">"),
    m("G-5.5", CASTING, "withdraw(edge.to, power::onward(arrived));", "power::onward(arrived)", "arrived"),
    m("G-5.12", CASTING, "stance.set_taken2(stance.taken2() + arrived[1]);", " + ", " - "),
    m("G-5.10", CASTING, "const bool stops = stance.cast() || is_recused", "||", "&&"),
    m("G-7.10", CASTING, "tally->set_recused(tally->recused() + weight.units * power::kMicro);",
      " * power::kMicro", ""),
    m("G-5.7", "power/delegation.cc", "reaches(state, to, signer, track, kHopsMax - 1)", " - 1", " - 2"),
    m("G-5.3", "power/delegation.cc", "if (sum > 100 ||", ">", ">="),
    m("G-5.4", "power/delegation.cc", "his.serial == edge.serial() &&", "==", "!="),
    # Tracks, section 6.
    m("G-6.7", RULES, "v1::Track out = a.rank() >= b.rank() ? a : b;", ">=", "<"),
    m("G-6.7", RULES, "out.set_schemes(a.schemes() & b.schemes());", "&", "|"),
    m("G-4.7", RULES, "row.chamber() == member->chamber() && is_required(row)", "&&", "||"),
    m("G-7.10", "interest.cc", "      if (const auto grant = treasury::find_grant(state_, action.cancel_grant().grant())) {\n        add(grant->payee());", "add(grant->payee());", ""),
    m("G-6.7", RULES, "if (a == 0 || b == 0) return std::max(a, b);\n  return std::min(a, b);",
      "std::min", "std::max"),
    m("G-6.6", LEAST, "sum.second <= cap->per_proposal()", "<=", "<"),
    m("G-6.6", LEAST, "if (amount + spent > per_window)", ">", ">="),
    # Money, sections 3 and 9.
    m("G-3.3", "assets/schedules.cc", "return from.sum() + *grown;", "from.sum() + ", ""),
    m("G-3.3", "assets/schedules.cc", "mul_div_floor(at_ms - from.at_ms(), to.sum() - from.sum(), to.at_ms() - from.at_ms())",
      "mul_div_floor", "mul_div_ceil"),
    m("G-3.4", "assets/schedules.cc", "if (points[i].at_ms() <= points[i - 1].at_ms())", "<=", "<"),
    m("G-3.5", "assets/schedules.cc", "if (action.amount() > free) return", ">", ">="),
    m("G-9.6", "treasury/budgets.cc", "period_of(budget, now_ms) > budget.period_index() ?", ">", ">="),
    m("G-9.6", "treasury/budgets.cc", "if (!spent || *spent > budget.cap())", ">", ">="),
    m("G-9.6", "treasury/budgets.cc", "if (amount > budget.per_payment())", ">", ">="),
    m("G-8.16", "treasury/funds.cc", "if (free_of(state, fund, asset) < amount)", "<", "<="),
    m("G-9.4", "treasury/payouts.cc", "now_ms >= payout->until_ms()) {", ">=", ">"),
    m("G-9.7", "treasury/grants.cc", "mul_div_floor(total, cumulative, kWholeBp)", "mul_div_floor",
      "mul_div_ceil"),
    # Accounts, acts, membership, sections 1, 2 and 4.
    m("G-2.2", "accounts/accounts.cc", "if (weight < account.threshold())", "<", "<="),
    m("G-2.3", "accounts/accounts.cc", "if (height > expiry_height)", ">", ">="),
    m("G-2.3", "accounts/accounts.cc", "if (sequence - rule.next >= rule.window)", ">=", ">"),
    m("G-8.17", "accounts/recovery.cc", "count >= recovery.plan().needed()", ">=", ">"),
    m("G-2.7", "accounts/recovery.cc", "if (now_ms < last->blocked_until_ms())", "<", "<="),
    m("G-1.10", "acts/acts.cc", "std::max(act->needed(), ask.needed)", "max", "min"),
    m("G-8.17", "acts/acts.cc", "const bool enough = count >= act->needed();", ">=", ">"),
    m("G-4.4", "membership/admission.cc", "if (voucher->open_vouches() >= open_max)", ">=", ">"),
    m("section 4", "membership/admission.cc", "context.now_ms() < before->bar_until_ms()", "<", "<="),
    m("section 2", "application.cc", "if (!accounts::is_open(state, id)) return std::unexpected(", "!accounts", "index > 99 && !accounts"),
    m("G-12.3", "governance/rules.cc", "if (!member || !standard || !membership::find_chamber(state, member->chamber())) return;",
      " || !membership::find_chamber(state, member->chamber())", ""),
    m("G-4.10", "membership/records.cc", "if (now.chamber == member.chamber()) {", "==", "!="),
    # Validators and pauses, sections 10 and 11.
    m("G-10.2", "validators/preflight.cc", "return last && height - *last < window;", "<", "<="),
    m("G-10.3", "validators/preflight.cc", "line.holds = line.have <= line.need;", "<=", "<"),
    m("G-8.20", "validators/preflight.cc", "out.live >= out.quorum", ">=", ">"),
    m("G-10.8", "validators/upgrades.cc", "return signal.serial() == upgrade.serial();", "serial() == upgrade.serial",
      "version() == upgrade.version"),
    m("G-10.8", "validators/upgrades.cc", "(ready_bp * n + 9'999) / 10'000", " + 9'999", ""),
    m("G-10.8", "validators/upgrades.cc", "input.height >= input.until_height", ">=", ">"),
    m("G-11.1", "pauses/pauses.cc", "if (!record || now_ms >= record->until_ms()) return std::nullopt;", ">=", ">"),
    m("G-11.2", "pauses/pauses.cc", "now_ms >= last->from_ms() + kAgainMs", ">=", ">"),
    m("G-11.1", "pauses/pauses.cc", "return !spent || spent->renewals() < charge_clock(state).renewals();",
      "<", "<="),
]
