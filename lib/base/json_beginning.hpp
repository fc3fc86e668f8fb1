// JSON that was cut off: whether a text begins as a value does, however far it goes.

#pragma once

#include <string_view>
#include <vector>

namespace agentstore::json {

enum class Beginning {
  whole,  ///< a value stands here, and what follows it is another matter
  cut,    ///< the text ends inside a value, and nothing before its end is wrong
  bad,    ///< no value begins so
};

struct BeginningRules {
  int depth_max = 200;
  bool compact = true;     ///< no white space between tokens
  bool valid_utf8 = true;  ///< in strings; off: any byte from 0x80 is let through
};

/// How the text from `at` up to `end` begins; `at` is moved to the end of a value that is whole. A
/// number that ends where the text does is cut: it may go on. `keys`, if given, gets the tokens of
/// the keys of the outermost object that are whole.
Beginning begin_value(const char*& at, const char* end, const BeginningRules& rules,
                      std::vector<std::string_view>* keys = nullptr);

/// The same of a string; its opening quote stands at `at`.
Beginning begin_string(const char*& at, const char* end, bool valid_utf8);

}  // namespace agentstore::json
