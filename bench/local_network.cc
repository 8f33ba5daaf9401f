// Owns: starting, measuring and ending the processes.
#include "local_network.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <thread>

#include "salus/client.h"

extern char** environ;

namespace salus::bench {

namespace {

constexpr std::chrono::seconds kReadyMax{60};
constexpr std::chrono::seconds kStopMax{30};

std::unexpected<NetworkError> fail(std::string reason) {
  return std::unexpected(NetworkError{std::move(reason)});
}

Result<pid_t, NetworkError> spawn(std::vector<std::string> arguments, const std::string& log) {
  std::vector<char*> argv;
  for (std::string& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 1, log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  posix_spawn_file_actions_adddup2(&actions, 1, 2);
  pid_t pid = 0;
  const int error = posix_spawn(&pid, argv[0], &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) return fail(fmt::format("{} does not start (error {}).", arguments[0], error));
  return pid;
}

Result<std::vector<std::string>, NetworkError> read_endpoints(const std::string& folder) {
  std::ifstream file{folder + "/network.json"};
  const auto parsed = nlohmann::json::parse(file, nullptr, false);
  if (!parsed.is_object() || !parsed.contains("nodes")) {
    return fail(folder + "/network.json does not name the nodes.");
  }
  std::vector<std::string> endpoints;
  for (const auto& node : parsed.at("nodes")) endpoints.push_back(node.at("rpc"));
  return endpoints;
}

bool await_ready(const std::string& endpoint) {
  auto client = client::Client::connect(
      {.endpoints = {endpoint}, .timeout = std::chrono::seconds{1}, .tls_roots = {}});
  const auto until = std::chrono::steady_clock::now() + kReadyMax;
  while (client && std::chrono::steady_clock::now() < until) {
    if (client->query(v1::GetStatusRequest{})) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds{100});
  }
  return false;
}

NodeUse use_of(pid_t pid) {
  NodeUse use;
  std::ifstream stat{fmt::format("/proc/{}/stat", pid)};
  std::string line;
  std::getline(stat, line);
  // Fields 14 and 15, counted after the name in brackets, which may hold spaces.
  std::istringstream fields{line.substr(line.rfind(')') + 1)};
  std::string skipped;
  for (int i = 0; i < 11; ++i) fields >> skipped;
  double user = 0;
  double system = 0;
  fields >> user >> system;
  use.cpu_seconds = (user + system) / static_cast<double>(sysconf(_SC_CLK_TCK));
  std::ifstream status{fmt::format("/proc/{}/status", pid)};
  while (std::getline(status, line)) {
    if (line.starts_with("VmHWM:")) use.peak_bytes = std::stoull(line.substr(6)) * 1024;
  }
  return use;
}

}  // namespace

Result<LocalNetwork, NetworkError> LocalNetwork::start(const std::string& programs,
                                                       const std::string& folder,
                                                       std::size_t validators,
                                                       std::uint16_t base_port) {
  const auto init = spawn({programs + "/salus", "devnet", "init", "--dir", folder, "--validators",
                           std::to_string(validators), "--base-port", std::to_string(base_port)},
                          folder + ".init.log");
  if (!init) return std::unexpected(init.error());
  int status = 0;
  waitpid(*init, &status, 0);
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
    return fail(fmt::format("salus devnet init failed; see {}.init.log", folder));
  }
  LocalNetwork network;
  network.folder_ = folder;
  auto endpoints = read_endpoints(folder);
  if (!endpoints) return std::unexpected(endpoints.error());
  network.endpoints_ = std::move(*endpoints);
  for (std::size_t i = 1; i <= validators; ++i) {
    const std::string node = fmt::format("{}/node{}", folder, i);
    const auto pid = spawn({programs + "/salusd", "run", "--config", node + "/salusd.toml"},
                           node + "/salusd.out");
    if (!pid) return std::unexpected(pid.error());
    network.processes_.push_back(*pid);
  }
  for (const std::string& endpoint : network.endpoints_) {
    if (!await_ready(endpoint)) return fail(endpoint + " does not answer; see salusd.out there.");
  }
  return network;
}

LocalNetwork::LocalNetwork(LocalNetwork&& other) noexcept
    : folder_(std::move(other.folder_)),
      endpoints_(std::move(other.endpoints_)),
      processes_(std::exchange(other.processes_, {})) {}

LocalNetwork::~LocalNetwork() { stop(); }

std::vector<NodeUse> LocalNetwork::use() const {
  std::vector<NodeUse> all;
  for (const pid_t pid : processes_) all.push_back(use_of(pid));
  return all;
}

void LocalNetwork::stop() {
  for (const pid_t pid : processes_) kill(pid, SIGTERM);
  const auto until = std::chrono::steady_clock::now() + kStopMax;
  for (const pid_t pid : processes_) {
    while (waitpid(pid, nullptr, WNOHANG) == 0) {
      if (std::chrono::steady_clock::now() > until) kill(pid, SIGKILL);
      std::this_thread::sleep_for(std::chrono::milliseconds{20});
    }
  }
  processes_.clear();
}

}  // namespace salus::bench
