// The texts and numbers that a payload says, in their order: values, not the names of members, and
// none of what only describes the others: types and roles, figures of use, signatures.

#pragma once

#include <cstddef>
#include <string_view>

namespace agentstore::cmd {

/// Whether what a member of this name holds, a whole object, too, is none of a payload's texts.
bool is_no_text(std::string_view name);

/// A view of JSON text, which has to be valid; of another it gives something, and ends.
///   for (EventTexts texts{payload}; texts.next();) use(texts.token());
class EventTexts {
 public:
  explicit EventTexts(std::string_view json) : json_{json} {}

  bool next();
  /// As it stands in the JSON text: a number, or a string with its quotes.
  std::string_view token() const { return json_.substr(begin_, end_ - begin_); }
  std::size_t begin() const { return begin_; }
  std::size_t end() const { return end_; }

 private:
  bool take_string();
  bool take_number();
  void open();
  void close();
  bool skips() const { return skip_depth_ != 0 || is_no_text(name_); }

  std::string_view json_;
  std::size_t at_ = 0;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::size_t depth_ = 0;
  std::size_t skip_depth_ = 0;  // of the object or array that is left out; 0: none is
  std::string_view name_;       // of the member whose value comes next
};

}  // namespace agentstore::cmd
