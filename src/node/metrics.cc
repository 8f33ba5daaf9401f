// Owns: the names and meanings of the metrics (docs/operators, "Metrics").
#include "node/metrics.h"

#include <prometheus/collectable.h>
#include <prometheus/exposer.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <exception>
#include <string_view>

#include "replica/diagnosis.h"

namespace salus::node {

namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

// One reader at a time is enough.
constexpr std::size_t kThreads = 1;

// Prometheus counts in doubles.
double number(std::uint64_t value) { return static_cast<double>(value); }

class Page {
 public:
  void gauge(const char* name, const char* help, std::uint64_t value) {
    family(name, help, MetricType::Gauge).metric.emplace_back().gauge.value = number(value);
  }
  void counter(const char* name, const char* help, std::uint64_t value) {
    family(name, help, MetricType::Counter).metric.emplace_back().counter.value = number(value);
  }
  // A counter of several lines; the reference lives until the next family begins.
  MetricFamily& labelled(const char* name, const char* help) {
    return family(name, help, MetricType::Counter);
  }
  static void add(MetricFamily& family, const char* label, std::string_view label_value,
                  std::uint64_t value) {
    ClientMetric& metric = family.metric.emplace_back();
    metric.label = {{.name = label, .value = std::string{label_value}}};
    metric.counter.value = number(value);
  }
  // A gauge of several lines; the reference lives until the next family begins.
  MetricFamily& labelled_gauge(const char* name, const char* help) {
    return family(name, help, MetricType::Gauge);
  }
  static void set(MetricFamily& family, const char* label, std::string_view label_value,
                  std::uint64_t value) {
    ClientMetric& metric = family.metric.emplace_back();
    metric.label = {{.name = label, .value = std::string{label_value}}};
    metric.gauge.value = number(value);
  }
  // In seconds, as Prometheus wants it.
  void histogram(const char* name, const char* help, const Samples& samples) {
    constexpr double kUsPerSecond = 1e6;
    auto& shown = family(name, help, MetricType::Histogram).metric.emplace_back().histogram;
    shown.sample_count = samples.count();
    shown.sample_sum = number(samples.sum_us()) / kUsPerSecond;
    std::uint64_t below = 0;
    for (std::size_t i = 0; i < kBucketsUs.size(); ++i) {
      below += samples.buckets()[i];
      shown.bucket.push_back(
          {.cumulative_count = below, .upper_bound = number(kBucketsUs[i]) / kUsPerSecond});
    }
  }
  std::vector<MetricFamily> take() && { return std::move(families_); }

 private:
  MetricFamily& family(const char* name, const char* help, MetricType type) {
    return families_.emplace_back(
        MetricFamily{.name = name, .help = help, .type = type, .metric = {}});
  }
  std::vector<MetricFamily> families_;
};

void show_standing(const replica::Situation& situation, Page& page) {
  const consensus::CoreStatus& core = situation.status.consensus;
  page.gauge("salus_height", "Height of the latest finalized block.",
             situation.status.tip.height.value());
  page.gauge("salus_epoch", "Present epoch.", core.epoch.value());
  page.gauge("salus_view", "Present view of the epoch.", core.view.value());
  page.gauge("salus_finalized_view", "Highest finalized view of the epoch.",
             core.finalized.value());
  page.gauge("salus_backoff_steps", "Steps of back-off in the view's delay; 0 when healthy.",
             core.backoff);
  page.gauge("salus_voting", "1 while this node's consensus votes.",
             core.mode == consensus::Mode::Voting && core.own_index ? 1 : 0);
  page.gauge("salus_validators", "Members of the validator set.", situation.members.size());
  page.gauge("salus_quorum", "How many of them decide.", core.quorum);
  page.gauge("salus_links_up", "Other validators with a live link.",
             replica::linked_members(situation));
  page.gauge("salus_links_needed", "How many of them a quorum takes.",
             replica::links_needed(situation));
  page.gauge("salus_mempool_transactions", "Transactions waiting.",
             situation.status.waiting_transactions);
  page.gauge("salus_mempool_bytes", "Their bytes.", situation.status.waiting_bytes);
  page.gauge("salus_open_fetches", "Certificates and blocks being asked for.", core.open_fetches);
  page.gauge("salus_journal_full",
             "1 while no space is reserved for the journal's next file: this node then offers no "
             "blocks.",
             situation.journal_alarm ? 1 : 0);
  page.gauge("salus_equivocations_seen", "Validators that this node saw equivocate in this run.",
             situation.status.evidence.size());
}

// What why-stalled says, a line each of its verdicts.
void show_verdict(const replica::Situation& situation, Page& page) {
  const replica::Stall found = replica::diagnose(situation).stall;
  page.gauge("salus_stalled", "1 unless the chain is healthy or idle: ask why-stalled.",
             replica::is_well(found) ? 0 : 1);
  MetricFamily& verdicts =
      page.labelled_gauge("salus_verdict", "1 at the verdict of why-stalled, 0 at the others.");
  for (std::size_t i = 0; i < replica::kStalls; ++i) {
    const auto stall = static_cast<replica::Stall>(i);
    Page::set(verdicts, "verdict", replica::name(stall), stall == found ? 1 : 0);
  }
}

// The rows of `consensus status`: one a member of the present set, so that who left it is gone.
void show_members(const replica::Situation& situation, Page& page) {
  const consensus::CoreStatus& core = situation.status.consensus;
  const auto each = [&](const char* name, const char* help, const auto& value_of) {
    MetricFamily& family = page.labelled_gauge(name, help);
    for (std::size_t i = 0; i < situation.members.size(); ++i) {
      Page::set(family, "validator", situation.members[i].name, value_of(i));
    }
  };
  each("salus_validator_linked", "1 while there is a live link to it; 1 for this node itself.",
       [&](std::size_t i) -> std::uint64_t {
         return situation.members[i].linked || situation.members[i].own ? 1 : 0;
       });
  each("salus_validator_seen_view", "Highest view of this epoch with a verified vote of it.",
       [&](std::size_t i) { return i < core.seen.size() ? core.seen[i].value() : 0; });
  each("salus_validator_height", "Its height by its last Status in this run; 0: none was heard.",
       [&](std::size_t i) {
         const auto& said = situation.members[i].said;
         return said ? said->height.value() : 0;
       });
  each("salus_validator_absent", "1 while its views are skipped without waiting (C24).",
       [&](std::size_t i) -> std::uint64_t {
         const ValidatorIndex index{static_cast<std::uint16_t>(i)};
         return std::ranges::find(core.absent, index) != core.absent.end() ? 1 : 0;
       });
}

void show_driver(const DriverCounters& counters, Page& page) {
  page.counter("salus_turns_total", "Turns of the driver.", counters.turns);
  page.counter("salus_stages_total", "Stages made durable.", counters.stages);
  page.counter("salus_batches_total", "Batches written to the ledger.", counters.batches);
  page.counter("salus_syncs_total", "Syncs of journal, guard and ledger.", counters.syncs);
  page.counter("salus_bad_frames_total",
               "Malformed frames and wrong signatures; each closed its link.", counters.bad_frames);
  page.counter("salus_verifications_refused_total",
               "Transactions and frames dropped because too much of theirs waited for "
               "verification.",
               counters.refused_bulk);
}

void show_consensus(const consensus::Counters& counters, Page& page) {
  MetricFamily& triggers =
      page.labelled("salus_nullify_triggers_total",
                    "Views that this node voted to skip, by trigger, this epoch.");
  for (std::size_t i = 0; i < counters.triggers.size(); ++i) {
    Page::add(triggers, "trigger", consensus::name(static_cast<consensus::Trigger>(i)),
              counters.triggers[i]);
  }
  MetricFamily& votes =
      page.labelled("salus_votes_cast_total", "Own durable votes, by kind, this epoch.");
  Page::add(votes, "kind", "notarize", counters.notarize_cast);
  Page::add(votes, "kind", "nullify", counters.nullify_cast);
  Page::add(votes, "kind", "finalize", counters.finalize_cast);
  page.counter("salus_votes_in_total", "Verified votes of others, this epoch.", counters.votes_in);
  page.counter("salus_certificates_in_total", "Verified certificates of others, this epoch.",
               counters.certificates_in);
  MetricFamily& certificates = page.labelled(
      "salus_certificates_total", "Durable certificates that counted here, by kind, this epoch.");
  Page::add(certificates, "kind", "notarization", counters.notarizations);
  Page::add(certificates, "kind", "nullification", counters.nullifications);
  Page::add(certificates, "kind", "finalization", counters.finalizations);
  MetricFamily& dropped =
      page.labelled("salus_dropped_total", "What came and was of no use, by reason, this epoch.");
  Page::add(dropped, "reason", "vote_outside_window", counters.votes_dropped);
  Page::add(dropped, "reason", "certificate_held", counters.certificates_dropped);
  page.counter("salus_invalid_candidates_total", "Candidates refused by the check, this epoch.",
               counters.invalid_candidates);
  MetricFamily& repairs =
      page.labelled("salus_repairs_total", "Repairs of what was missed, by kind, this epoch.");
  Page::add(repairs, "kind", "fetch", counters.fetches);
  Page::add(repairs, "kind", "retry", counters.retries);
  Page::add(repairs, "kind", "standstill", counters.standstills);
}

std::vector<MetricFamily> page_of(const Measurements& measured) {
  Page page;
  show_standing(measured.situation, page);
  show_verdict(measured.situation, page);
  show_members(measured.situation, page);
  show_consensus(measured.situation.status.consensus.counters, page);
  show_driver(measured.counters, page);
  page.histogram("salus_view_seconds", "Time spent in a view; long when idle.",
                 measured.times.view);
  page.histogram("salus_sync_seconds", "From handing out a stage to its being durable.",
                 measured.times.sync);
  page.histogram("salus_check_seconds",
                 "From asking for a block's check to its answer, in whole ms; the wait for the "
                 "parent's execution is in it.",
                 measured.times.check);
  page.histogram("salus_execution_seconds", "Execution of a block, which its check waits for.",
                 measured.times.execution);
  page.histogram("salus_finality_seconds", "From a client's submission to its finality here.",
                 measured.finality);
  return std::move(page).take();
}

class Collector final : public prometheus::Collectable {
 public:
  explicit Collector(Measure measure) : measure_(std::move(measure)) {}
  std::vector<MetricFamily> Collect() const override {
    const auto measured = measure_();
    return measured ? page_of(*measured) : std::vector<MetricFamily>{};
  }

 private:
  Measure measure_;
};

}  // namespace

struct MetricsServer::Impl {
  // Shared, because the library holds it weakly.
  std::shared_ptr<Collector> collector;
  prometheus::Exposer exposer;

  Impl(const std::string& address, Measure measure)
      : collector(std::make_shared<Collector>(std::move(measure))), exposer(address, kThreads) {
    exposer.RegisterCollectable(collector);
  }
};

MetricsServer::MetricsServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
MetricsServer::~MetricsServer() = default;

std::string print_metrics(const Measurements& measured) {
  return prometheus::TextSerializer{}.Serialize(page_of(measured));
}

std::uint16_t MetricsServer::port() const {
  return static_cast<std::uint16_t>(impl_->exposer.GetListeningPorts().front());
}

Result<std::unique_ptr<MetricsServer>, MetricsError> MetricsServer::start(const Endpoint& listen,
                                                                          Measure measure) {
  try {
    auto impl = std::make_unique<Impl>(listen.to_string(), std::move(measure));
    return std::unique_ptr<MetricsServer>{new MetricsServer{std::move(impl)}};
  } catch (const std::exception& error) {
    return std::unexpected(MetricsError{
        "The metrics listener could not be opened at " + listen.to_string() + " (" + error.what() +
        "). Check that the address belongs to this machine and that no other program uses the "
        "port ([metrics] listen)."});
  }
}

}  // namespace salus::node
