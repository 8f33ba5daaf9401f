// Owns: one process a data folder, and a sentence for the second.
#include "storage/data_folder.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "a_validator.h"

namespace salus::storage {
namespace {

TEST(DataFolder, is_made_with_its_parts_for_its_owner_only) {
  testing::TempFolder temp;
  const auto folder = DataFolder::open(temp / "data");
  ASSERT_TRUE(folder) << folder.error().reason;
  struct stat status{};
  ASSERT_EQ(::stat((temp / "data").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0700U);
  EXPECT_TRUE(std::filesystem::is_directory(folder->keys()));
  EXPECT_TRUE(std::filesystem::is_directory(folder->journal()));
  EXPECT_EQ(folder->guard().parent_path(), folder->validator_key().parent_path());
  EXPECT_EQ(epoch_folder(folder->journal(), Epoch{7}), temp / "data/journal/epoch-7");
}

TEST(DataFolder, is_refused_to_a_second_opener_until_the_first_is_gone) {
  testing::TempFolder temp;
  {
    const auto first = DataFolder::open(temp / "data");
    ASSERT_TRUE(first);
    const auto second = DataFolder::open(temp / "data");
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().fault, DataFolderFault::AlreadyInUse);
    EXPECT_NE(second.error().reason.find("in use by process " + std::to_string(::getpid())),
              std::string::npos)
        << second.error().reason;
  }
  EXPECT_TRUE(DataFolder::open(temp / "data"));
}

TEST(DataFolder, says_why_it_cannot_be_made) {
  testing::TempFolder temp;
  const auto folder = DataFolder::open(temp / "missing/parent/data");
  ASSERT_FALSE(folder);
  EXPECT_EQ(folder.error().fault, DataFolderFault::NotAccessible);
  EXPECT_NE(folder.error().reason.find("missing/parent/data"), std::string::npos);
}

TEST(SetAside, keeps_nine_and_then_asks_for_room) {
  testing::TempFolder temp;
  for (int k = 1; k <= 10; ++k) {
    ASSERT_TRUE(make_folder(temp / "thing"));
    const auto moved = set_aside(temp / "thing");
    EXPECT_EQ(moved.has_value(), k <= 9) << k;
    if (k > 9) {
      EXPECT_NE(sentence(moved.error()).find("nine damaged predecessors"), std::string::npos);
    }
  }
}

}  // namespace
}  // namespace salus::storage
