// Owns: proof that columns stand under each other for people's eyes, whatever letters are in them.
#include "apps/salus/table.h"

#include <gtest/gtest.h>

namespace salus::cli {
namespace {

TEST(Table, aligns_text_to_the_left_and_numbers_to_the_right) {
  Table table{{"id", "name", "held"}};
  table.add({"1", "general", "100.5"});
  table.add({"12", "care", "7"});
  EXPECT_EQ(table.str("Nothing."),
            "id  name      held\n"
            " 1  general  100.5\n"
            "12  care         7\n");
}

TEST(Table, ends_no_line_with_a_blank) {
  Table table{{"name", "note"}};
  table.add({"a", ""});
  table.add({"", ""});
  EXPECT_EQ(table.str("Nothing."), "name  note\na\n\n");
}

TEST(Table, without_rows_says_so) { EXPECT_EQ(Table({"a"}).str("Nothing."), "Nothing.\n"); }

// An accent takes two bytes and one column; wide letters take three bytes and two columns.
TEST(Table, counts_columns_and_not_bytes) {
  Table table{{"name", "role"}};
  table.add({"José", "patient"});
  table.add({"Zoë", "clinician"});
  table.add({"Anna", "patient"});
  EXPECT_EQ(table.str("Nothing."),
            "name  role\n"
            "José  patient\n"
            "Zoë   clinician\n"
            "Anna  patient\n");
  Table wide{{"name", "n"}};
  wide.add({"北京", "1"});
  wide.add({"ab", "22"});
  EXPECT_EQ(wide.str("Nothing."),
            "name   n\n"
            "北京   1\n"
            "ab    22\n");
}

TEST(Table, of_bytes_that_are_no_text_is_still_printed) {
  Table table{{"name"}};
  table.add({"\xff\xfe"});
  EXPECT_NE(table.str("Nothing.").find("name"), std::string::npos);
}

TEST(Facts, stand_in_one_column) {
  EXPECT_EQ(facts({{"height", "5"}, {"id", "x"}}), "  height  5\n  id      x\n");
  EXPECT_EQ(facts({{"día", "1"}, {"name", "2"}}), "  día   1\n  name  2\n");
  EXPECT_EQ(facts({}), "");
}

}  // namespace
}  // namespace salus::cli
