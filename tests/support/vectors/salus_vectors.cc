// Owns: `salus-vectors FILE`: an auditor's own cases, answered by the production code. One line a
// vector and a final count; exit 1 on a mismatch, 2 where the file cannot be run.
#include <algorithm>
#include <exception>
#include <fstream>
#include <iostream>

#include "support/vectors/runner.h"

namespace {

using salus::vectors::Json;

constexpr std::string_view kFormat = "salus.vectors.governance.v1";

struct Count {
  std::size_t passed = 0;
  std::size_t failed = 0;
  std::size_t not_built = 0;
};

void say(std::string_view verdict, const std::string& id, const std::string& more = {}) {
  std::cout << verdict << "  " << id << (more.empty() ? "" : ": ") << more << "\n";
}

void run(const Json& vector, Count& count) {
  const std::string id = vector.at("id");
  const std::string name = vector.at("eval");
  const salus::vectors::Eval* eval = salus::vectors::find_eval(name);
  if (salus::vectors::is_phase_two(name)) {
    ++count.not_built;
    return say("not built", id);
  }
  if (eval == nullptr) {
    ++count.failed;
    return say("FAILED   ", id, "there is no eval \"" + name + "\"; see tests/vectors/README.md");
  }
  const auto answer = eval->run(vector.at("in"));
  if (!answer) {
    ++count.not_built;
    return say("not built", id);
  }
  const auto differences = salus::vectors::differences(vector.at("out"), *answer);
  if (differences.empty()) {
    ++count.passed;
    return say("passed   ", id);
  }
  ++count.failed;
  for (const std::string& difference : differences) say("FAILED   ", id, difference);
}

// What a vector does not say, or says in a wrong form, is its own failure, not the end.
void run_guarded(const Json& vector, std::size_t place, Count& count) {
  const bool named = vector.is_object() && vector.contains("id") && vector.at("id").is_string();
  const std::string id =
      named ? vector.at("id").get<std::string>() : "vector " + std::to_string(place + 1);
  try {
    run(vector, count);
  } catch (const std::exception& flaw) {
    ++count.failed;
    say("FAILED   ", id, std::string{"malformed: "} + flaw.what());
  }
}

int refuse(const std::string& sentence) {
  std::cerr << sentence << "\n";
  return 2;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return refuse("usage: salus-vectors FILE");
  std::ifstream file(argv[1]);
  if (!file) return refuse(std::string{"cannot read "} + argv[1]);
  const Json document = Json::parse(file, nullptr, false);
  if (!document.is_object()) return refuse(std::string{argv[1]} + " is not a JSON object");
  if (document.value("format", Json{}) != Json(kFormat)) {
    return refuse(std::string{argv[1]} + " is not of format " + std::string{kFormat});
  }
  if (!document.contains("vectors") || !document.at("vectors").is_array()) {
    return refuse(std::string{argv[1]} + " has no list \"vectors\"");
  }
  Count count;
  const Json& vectors = document.at("vectors");
  for (std::size_t i = 0; i < vectors.size(); ++i) run_guarded(vectors.at(i), i, count);
  std::cout << count.passed << " passed, " << count.failed << " failed, " << count.not_built
            << " not built\n";
  return count.failed == 0 ? 0 : 1;
}
