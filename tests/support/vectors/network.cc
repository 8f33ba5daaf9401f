// Owns: the runners of preflight, live, ready, readiness (section 10).
#include <algorithm>

#include "dao/validators/digests.h"
#include "dao/validators/preflight.h"
#include "dao/validators/upgrades.h"
#include "support/vectors/runner.h"

namespace salus::vectors {

namespace {

namespace net = dao::validators;

bool lists(const Json& in, const char* key, const Json& name) {
  if (!in.contains(key)) return false;
  const Json& list = in.at(key);
  return std::ranges::find(list, name) != list.end();
}

net::PreflightInput change_of(const Json& in) {
  net::PreflightInput input{.size_before = in.at("set").size(),
                            .size_min = number(in.at("min")),
                            .size_max = number(in.at("max")),
                            .per_operator_max = number_or(in, "per_operator_max", 1),
                            .removes = in.contains("remove") ? in.at("remove").size() : 0,
                            .force = in.value("force", false),
                            .seats = {}};
  const auto sit = [&](const Json& who, bool added) {
    const auto name = who.get<std::string>();
    const bool has_org = in.contains("org") && in.at("org").contains(name);
    input.seats.push_back({.operator_account = name,
                           .org = has_org ? in.at("org").at(name).get<std::string>() : name,
                           .validator_key = name + " validator",
                           .node_key = name + " node",
                           .live = lists(in, "live", who),
                           .added = added,
                           .rekeyed = false});
  };
  for (const Json& name : in.at("set")) {
    if (!lists(in, "remove", name)) sit(name, false);
  }
  if (in.contains("add")) {
    for (const Json& name : in.at("add")) sit(name, true);
  }
  return input;
}

std::optional<Json> run_preflight(const Json& in) {
  const net::Preflight judged = net::judge(change_of(in));
  Json out{{"error", nullptr},
           {"waits", nullptr},
           {"n", judged.size},
           {"quorum", judged.quorum},
           {"live", judged.live}};
  if (const net::PreflightLine* refused = judged.refusal()) {
    out["error"] = "SetChangeInvalid:" + std::string{net::name(refused->rule)};
  } else if (const net::PreflightLine* waits = judged.wait()) {
    out["waits"] = std::string{net::name(waits->rule)};
  }
  if (const net::PreflightLine* obstacle = judged.obstacle()) {
    out["have"] = obstacle->have;
    out["need"] = obstacle->need;
  }
  return out;
}

std::optional<Json> run_live(const Json& in) {
  const net::Presence presence{.last_proposed = number(in.at("last_proposed")),
                               .last_ready = number(in.at("last_ready"))};
  return Json{{"live", net::is_live(presence, number(in.at("height")), number(in.at("n")),
                                    number(in.at("ready_window")))}};
}

std::optional<Json> run_ready(const Json& in) {
  const dao::Outcome outcome =
      net::check_ready(number(in.at("height")), number(in.at("digest_height")),
                       number(in.at("ready_window")), in.at("digest_ok").get<bool>());
  if (outcome) return Json{{"error", nullptr}};
  return Json{{"error", std::string{dao::name(outcome.error())}}};
}

net::Readiness readiness_of(const Json& set, std::uint64_t ready_bp) {
  const std::uint64_t n = number(set.at("n"));
  return {.n = n, .ready = number(set.at("ready")), .need = net::ready_need(n, ready_bp)};
}

std::optional<Json> run_readiness(const Json& in) {
  const std::uint64_t ready_bp = number(in.at("ready_bp"));
  net::UpgradeInput input{.height = number(in.at("height")),
                          .from_height = number(in.at("from_height")),
                          .until_height = number(in.at("until_height")),
                          .current = readiness_of(in, ready_bp),
                          .pending = std::nullopt};
  if (in.contains("pending")) input.pending = readiness_of(in.at("pending"), ready_bp);
  return Json{{"active", net::becomes_active(input)}, {"need", input.current.need}};
}

constexpr Eval kEvals[] = {{"preflight", run_preflight},
                           {"live", run_live},
                           {"ready", run_ready},
                           {"readiness", run_readiness}};

}  // namespace

std::span<const Eval> network_evals() { return kEvals; }

}  // namespace salus::vectors
