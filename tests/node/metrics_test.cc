// Owns: what Prometheus reads: names, values, buckets; and that it can be read over HTTP.
#include "node/metrics.h"

#include <gtest/gtest.h>

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>

#include "replica/diagnosis.h"

namespace salus::node {
namespace {

Measurements measured() {
  Measurements out;
  out.situation.status.tip.height = Height{70};
  out.situation.status.consensus.counters.nullify_cast = 3;
  out.situation.status.consensus.counters.triggers[0] = 2;
  out.situation.status.consensus.counters.notarizations = 5;
  out.situation.status.consensus.counters.finalizations = 4;
  out.situation.journal_alarm = "The disk is full.";
  out.times.check.add(2'000);
  out.counters.syncs = 9;
  out.counters.bad_frames = 1;
  out.times.sync.add(900);
  out.times.sync.add(3'000'000);
  out.finality.add(180'000);
  return out;
}

void expect_line(const std::string& page, const std::string& line) {
  EXPECT_NE(page.find(line + "\n"), std::string::npos) << "no line " << line << " in\n" << page;
}

TEST(Samples, tell_percentiles_of_the_last_ones_and_count_all) {
  Samples samples;
  EXPECT_EQ(samples.percentile_us(50), 0U);
  for (std::uint64_t us = 1; us <= 100; ++us) samples.add(us);
  EXPECT_EQ(samples.percentile_us(50), 50U);
  EXPECT_EQ(samples.percentile_us(99), 99U);
  for (int i = 0; i < 1'000; ++i) samples.add(7'000);
  EXPECT_EQ(samples.percentile_us(50), 7'000U) << "what is long ago no longer counts";
  EXPECT_EQ(samples.count(), 1'100U);
  EXPECT_EQ(samples.sum_us(), 5'050U + 7'000'000U);
  EXPECT_EQ(samples.buckets()[0], 100U);
}

TEST(Samples, count_what_is_over_every_bound) {
  Samples samples;
  samples.add(kBucketsUs.back());
  samples.add(kBucketsUs.back() + 1);
  EXPECT_EQ(samples.buckets()[kBucketsUs.size() - 1], 1U);
  EXPECT_EQ(samples.buckets()[kBucketsUs.size()], 1U);
}

TEST(Metrics, are_counters_gauges_and_histograms_in_seconds) {
  const std::string page = print_metrics(measured());
  expect_line(page, "salus_height 70");
  expect_line(page, "salus_syncs_total 9");
  expect_line(page, "salus_bad_frames_total 1");
  expect_line(page, "salus_votes_cast_total{kind=\"nullify\"} 3");
  expect_line(page, "salus_nullify_triggers_total{trigger=\"leader_timeout\"} 2");
  expect_line(page, "salus_nullify_triggers_total{trigger=\"absent\"} 0");
  expect_line(page, "salus_certificates_total{kind=\"notarization\"} 5");
  expect_line(page, "salus_certificates_total{kind=\"nullification\"} 0");
  expect_line(page, "salus_certificates_total{kind=\"finalization\"} 4");
  expect_line(page, "salus_check_seconds_count 1");
  expect_line(page, "salus_journal_full 1");
  expect_line(page, "salus_sync_seconds_count 2");
  expect_line(page, "salus_sync_seconds_bucket{le=\"0.001\"} 1");
  expect_line(page, "salus_sync_seconds_bucket{le=\"+Inf\"} 2");
  expect_line(page, "salus_finality_seconds_sum 0.18");
  expect_line(page, "# TYPE salus_view_seconds histogram");
}

TEST(Metrics, have_the_verdict_and_a_row_for_each_validator) {
  Measurements one = measured();
  one.situation.members = {{.name = "meridian", .node = {}, .own = true},
                           {.name = "stanne", .node = {}, .linked = true},
                           {.name = "tri \"county\"", .node = {}}};
  one.situation.members[1].said.emplace().height = Height{69};
  one.situation.status.consensus.seen = {View{9}, View{8}, View{}};
  one.situation.status.consensus.absent = {ValidatorIndex{2}};
  const std::string page = print_metrics(one);
  expect_line(page, "salus_validator_linked{validator=\"meridian\"} 1");
  expect_line(page, "salus_validator_linked{validator=\"stanne\"} 1");
  expect_line(page, "salus_validator_linked{validator=\"tri \\\"county\\\"\"} 0");
  expect_line(page, "salus_validator_seen_view{validator=\"stanne\"} 8");
  expect_line(page, "salus_validator_height{validator=\"stanne\"} 69");
  expect_line(page, "salus_validator_height{validator=\"meridian\"} 0");
  expect_line(page, "salus_validator_absent{validator=\"stanne\"} 0");
  expect_line(page, "salus_validator_absent{validator=\"tri \\\"county\\\"\"} 1");

  const auto verdict = replica::diagnose(one.situation).stall;
  for (std::size_t i = 0; i < replica::kStalls; ++i) {
    const auto stall = static_cast<replica::Stall>(i);
    expect_line(page, "salus_verdict{verdict=\"" + std::string{replica::name(stall)} + "\"} " +
                          (stall == verdict ? "1" : "0"));
  }
}

std::string get(std::uint16_t port) {
  using boost::asio::ip::tcp;
  boost::asio::io_context io;
  tcp::socket socket{io};
  socket.connect({boost::asio::ip::make_address("127.0.0.1"), port});
  const std::string request = "GET /metrics HTTP/1.0\r\n\r\n";
  boost::asio::write(socket, boost::asio::buffer(request));
  std::string answer;
  boost::system::error_code end;
  boost::asio::read(socket, boost::asio::dynamic_buffer(answer), end);
  return answer;
}

TEST(MetricsServer, serves_the_page_and_an_empty_one_while_the_node_is_stuck) {
  bool stuck = false;
  const auto server =
      MetricsServer::start({"127.0.0.1", 0}, [&stuck]() -> std::optional<Measurements> {
        if (stuck) return std::nullopt;
        return measured();
      });
  ASSERT_TRUE(server) << server.error().reason;
  EXPECT_NE(get((*server)->port()).find("salus_height 70\n"), std::string::npos);
  stuck = true;
  const std::string empty = get((*server)->port());
  EXPECT_NE(empty.find("200 OK"), std::string::npos) << empty;
  EXPECT_EQ(empty.find("salus_height"), std::string::npos) << empty;
}

TEST(MetricsServer, says_where_it_cannot_listen) {
  const auto first = MetricsServer::start({"127.0.0.1", 0}, [] { return std::nullopt; });
  ASSERT_TRUE(first);
  const auto second =
      MetricsServer::start({"127.0.0.1", (*first)->port()}, [] { return std::nullopt; });
  ASSERT_FALSE(second);
  EXPECT_NE(second.error().reason.find("[metrics] listen"), std::string::npos);
}

}  // namespace
}  // namespace salus::node
