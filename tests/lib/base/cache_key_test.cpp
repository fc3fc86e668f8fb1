// The key of caches: its MAC against the standard's vectors, and the user's, which is made once.

#include "base/cache_key.hpp"

#include <doctest/doctest.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <array>
#include <cstdlib>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "agentstore/cache_key.hpp"
#include "support/folder.hpp"

namespace agentstore {
namespace {

namespace fs = std::filesystem;
using test::read_text;
using test::TempFolder;
using test::write_text;

// An environment variable, as it was once this is gone.
class Variable {
 public:
  Variable(const char* name, const char* value) : name_(name) {
    if (const char* const before = std::getenv(name)) before_ = before;
    if (value == nullptr) ::unsetenv(name);
    else ::setenv(name, value, 1);
  }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;
  ~Variable() {
    if (before_) ::setenv(name_, before_->c_str(), 1);
    else ::unsetenv(name_);
  }

 private:
  const char* name_;
  std::optional<std::string> before_;
};

std::string hmac_hex(std::string_view key, std::initializer_list<std::string_view> parts) {
  return to_hex(bytes_of(hmac_sha256(key, {parts.begin(), parts.size()})));
}

}  // namespace

TEST_SUITE_BEGIN("cache key");

TEST_CASE("HMAC-SHA-256 is that of RFC 4231, however the text is cut") {
  CHECK(hmac_hex(std::string(20, '\x0b'), {"Hi There"}) ==
        "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  CHECK(hmac_hex("Jefe", {"what do ya want ", "", "for nothing?"}) ==
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  CHECK(hmac_hex(std::string(131, '\xaa'),
                 {"Test Using Larger Than Block-Size Key - Hash Key First"}) ==
        "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST_CASE("another key, session, kind or byte gives another MAC, and ids tell keys apart") {
  const CacheKey key{"one"};
  const CacheKey other{"two"};
  const Hash mac = key.mac("s", "list", {"bytes"});
  CHECK(mac == key.mac("s", "list", {"by", "tes"}));
  CHECK(mac != other.mac("s", "list", {"bytes"}));
  CHECK(mac != key.mac("t", "list", {"bytes"}));
  CHECK(mac != key.mac("s", "memo", {"bytes"}));
  CHECK(mac != key.mac("sl", "ist", {"bytes"}));
  CHECK(mac != key.mac("s", "list", {"byteS"}));
  CHECK(key.id() != other.id());
  CHECK(is_cache_key_id(key.id()));
  CHECK(split_keyed_name("a.b." + key.id()).name == "a.b");
  CHECK(split_keyed_name("a.b").key_id.empty());
  CHECK(split_keyed_name("." + key.id()).key_id.empty());
}

TEST_CASE("a user's key is made once, whoever is first, and for the user alone") {
  const TempFolder home;
  const Variable named{"AGENTSTORE_CACHE_KEY", nullptr};
  const Variable state{"XDG_STATE_HOME", nullptr};
  const Variable at{"HOME", home.path().c_str()};
  CHECK(user_cache_key(MissingKey::refuse).error().code == Code::not_found);
  std::array<std::string, 8> keys;
  {
    std::vector<std::jthread> threads;
    for (std::string& key : keys)
      threads.emplace_back([&key] { key = user_cache_key().value_or("none"); });
  }
  CHECK(std::set<std::string>{keys.begin(), keys.end()}.size() == 1);
  CHECK(keys[0].size() == 32);
  const fs::path file = home / ".local/state/agentstore/cache.key";
  CHECK(read_text(file) == keys[0]);
  CHECK(fs::status(file).permissions() == (fs::perms::owner_read | fs::perms::owner_write));
  CHECK(std::distance(fs::directory_iterator{file.parent_path()}, {}) == 1);
  fs::permissions(file, fs::perms::group_read, fs::perm_options::add);
  CHECK(user_cache_key().error().code == Code::invalid);
}

TEST_CASE("a key is looked for where the environment says") {
  const TempFolder home;
  const Variable at{"HOME", home.path().c_str()};
  {
    const Variable named{"AGENTSTORE_CACHE_KEY", (home / "mine").c_str()};
    CHECK(user_cache_key());
    CHECK(fs::exists(home / "mine"));
    write_text(home / "mine", "too short");
    CHECK(user_cache_key().error().code == Code::invalid);
  }
  {
    const Variable named{"AGENTSTORE_CACHE_KEY", "/dev/null"};
    CHECK(user_cache_key().error().code == Code::invalid);
  }
  const Variable named{"AGENTSTORE_CACHE_KEY", ""};
  {
    const Variable state{"XDG_STATE_HOME", (home / "state").c_str()};
    CHECK(user_cache_key());
    CHECK(fs::exists(home / "state/agentstore/cache.key"));
  }
  const Variable state{"XDG_STATE_HOME", nullptr};
  const Variable gone{"HOME", (home / "gone").c_str()};
  CHECK_FALSE(user_cache_key());
  CHECK_FALSE(fs::exists(home / "gone"));
  const Variable none{"HOME", nullptr};
  CHECK(user_cache_key().error().code == Code::not_found);
}

TEST_SUITE_END();

}  // namespace agentstore
