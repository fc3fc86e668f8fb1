#include "store/notices.hpp"

#include <doctest/doctest.h>

#include <stdexcept>
#include <string>
#include <vector>

namespace agentstore {
namespace {

struct Told {
  std::vector<std::string> texts;
  Notices notices{[this](const std::string& text) { texts.push_back("notice " + text); },
                  [this](const std::string& text) { texts.push_back("detail " + text); }};
};

}  // namespace

TEST_SUITE("notices") {
  TEST_CASE("outside of a write they are told at once, to whom they are for") {
    Told told;
    told.notices.notice("a");
    told.notices.detail("b");
    CHECK(told.texts == std::vector<std::string>{"notice a", "detail b"});
  }

  TEST_CASE("inside of a write they wait for its end, also in a write within it") {
    Told told;
    {
      const Notices::Write outer{told.notices};
      told.notices.notice("a");
      {
        const Notices::Write inner{told.notices};
        told.notices.notice("b");
      }
      told.notices.notice("c");
      CHECK(told.texts.empty());
    }
    CHECK(told.texts == std::vector<std::string>{"notice a", "notice b", "notice c"});
  }

  TEST_CASE("nobody has to listen") {
    const Notices silent{{}, {}};
    silent.notice("a");
    const Notices::Write write{silent};
    silent.detail("b");
  }

  TEST_CASE("what a listener throws reaches who asks for it, and no end of a write") {
    const Notices notices{[](const std::string&) { throw std::runtime_error{"heard"}; }, {}};
    CHECK_THROWS_WITH(notices.notice("a"), "heard");
    {
      Notices::Write write{notices};
      notices.notice("a");
      CHECK_THROWS_WITH(write.tell(), "heard");
    }
    CHECK_NOTHROW([&] {
      const Notices::Write write{notices};
      notices.notice("a");
    }());
  }
}

}  // namespace agentstore
