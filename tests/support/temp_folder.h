// Owns: a folder of its own for each test, gone with the test.
#pragma once

#include <stdlib.h>

#include <filesystem>
#include <string>
#include <system_error>

namespace salus::testing {

class TempFolder {
 public:
  TempFolder() {
    // Memory where there is some: no test can cut the real power, and syncs cost nothing there.
    const std::filesystem::path memory = "/dev/shm";
    std::error_code ignored;
    const auto parent = std::filesystem::is_directory(memory, ignored)
                            ? memory
                            : std::filesystem::temp_directory_path();
    std::string name = (parent / "salus-XXXXXX").string();
    const char* made = ::mkdtemp(name.data());
    path_ = made == nullptr ? std::filesystem::path{} : std::filesystem::path{name};
  }
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;
  ~TempFolder() {
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
  }

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path operator/(const std::string& name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

}  // namespace salus::testing
