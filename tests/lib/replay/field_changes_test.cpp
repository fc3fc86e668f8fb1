#include <doctest/doctest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "agentstore/analysis/fields.hpp"

namespace agentstore {
namespace {

std::string written(const FieldPair& pair) {
  return pair.name + ' ' + pair.pointer + ' ' + std::string{pair.first.value_or("-")} + ' ' +
         std::string{pair.second.value_or("-")};
}

std::vector<std::string> changed(std::string_view first, std::string_view second) {
  std::vector<std::string> found;
  for_each_changed_field(first, second, [&](const FieldPair& pair) {
    found.push_back(written(pair));
    return true;
  });
  return found;
}

// An object of a few names, so that two of them have much in common.
std::string random_object(std::mt19937& random, int level) {
  std::vector<std::string> names{"a", "b", "c_d", "e/f", "g~"};
  std::shuffle(names.begin(), names.end(), random);
  names.resize(random() % (names.size() + 1));
  std::string out;
  for (const std::string& name : names) {
    out += (out.empty() ? "\"" : ",\"") + name + "\":";
    const auto kind = random() % 6;
    if (kind < 2 && level < 4) out += random_object(random, level + 1);
    else if (kind == 2) out += "[" + std::to_string(random() % 2) + "]";
    else if (kind == 3) out += "{}";
    else out += std::to_string(random() % 3);
  }
  return "{" + out + "}";
}

}  // namespace

TEST_SUITE("field changes") {
  TEST_CASE("changes are those of the paired fields that differ, in their order") {
    const unsigned seed = 20261128;
    CAPTURE(seed);
    std::mt19937 random{seed};
    for (int i = 0; i < 3000; ++i) {
      const std::string first = random_object(random, 0);
      const std::string second = random_object(random, 0);
      CAPTURE(first);
      CAPTURE(second);
      std::vector<std::string> expected;
      for (const FieldPair& pair : paired_fields(first, second))
        if (pair.first != pair.second) expected.push_back(written(pair));
      CHECK(changed(first, second) == expected);
    }
  }

  TEST_CASE("whoever takes them may end it") {
    int taken = 0;
    for_each_changed_field(R"({"a":1,"b":{"c":2}})", R"({"d":3})", [&](const FieldPair&) {
      ++taken;
      return false;
    });
    CHECK(taken == 1);
  }
}
}  // namespace agentstore
