#include "query/sql_sums.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <set>
#include <string>
#include <vector>

#include "query/sql_tables.hpp"

namespace agentstore::sql {
namespace {

constexpr std::array<std::string_view, 5> amounts{"cost_usd", "cost_computed_usd", "cost_total_usd",
                                                  "amount", "balance"};
constexpr std::array<std::string_view, 3> sums{"sum", "total", "avg"};

/// A word of a statement, in small letters, or a sign.
struct Word {
  std::string text;
  bool is_name = false;
};

bool is_letter(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '"';
}

/// Without texts and comments.
std::vector<Word> words_of(std::string_view sql) {
  std::vector<Word> words;
  for (std::size_t i = 0; i < sql.size();) {
    std::size_t end = i + 1;
    if (sql[i] == '\'') {
      end = std::min(sql.find('\'', end), sql.size() - 1) + 1;
    } else if (sql.substr(i).starts_with("--")) {
      end = std::min(sql.find('\n', i), sql.size());
    } else if (sql.substr(i).starts_with("/*")) {
      end = std::min(sql.find("*/", i), sql.size() - 1) + 1;
    } else if (is_letter(sql[i])) {
      while (end < sql.size() && is_letter(sql[end])) ++end;
      Word word{std::string{sql.substr(i, end - i)}, true};
      std::erase(word.text, '"');
      for (char& c : word.text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
      words.push_back(std::move(word));
    } else if (std::isspace(static_cast<unsigned char>(sql[i])) == 0) {
      words.push_back({std::string(1, sql[i]), false});
    }
    i = end;
  }
  return words;
}

class Statement {
 public:
  explicit Statement(std::string_view sql) : words_{words_of(sql)} {
    for (const TableInfo& table : tables())
      for (const ColumnInfo& column : table.columns) columns_.insert(column.name);
  }

  bool sums_amounts() {
    for (std::size_t i = 0; i + 1 < words_.size(); ++i)
      if (std::ranges::find(sums, words_[i].text) != sums.end() && words_[i + 1].text == "(" &&
          names_amount(i + 1, closing(i + 1)))
        return true;
    return false;
  }

 private:
  std::size_t closing(std::size_t open) const {
    std::size_t depth = 0;
    for (std::size_t i = open; i < words_.size(); ++i) {
      if (words_[i].text == "(") ++depth;
      if (words_[i].text == ")" && --depth == 0) return i;
    }
    return words_.size();
  }

  /// Whether a name of those words is an amount's, or stands for one.
  bool names_amount(std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) {
      const Word& word = words_[i];
      if (!word.is_name) continue;
      if (std::ranges::find(amounts, word.text) != amounts.end()) return true;
      const bool is_function = i + 1 < words_.size() && words_[i + 1].text == "(";
      if (!is_function && !columns_.contains(word.text) && stands_for_amount(word.text))
        return true;
    }
    return false;
  }

  /// Whether the expression before an `AS name` names an amount.
  bool stands_for_amount(const std::string& name) {
    if (!asked_.insert(name).second) return false;
    for (std::size_t i = 1; i + 1 < words_.size(); ++i)
      if (words_[i].text == "as" && words_[i + 1].text == name &&
          names_amount(expression_before(i), i))
        return true;
    return false;
  }

  std::size_t expression_before(std::size_t end) const {
    std::size_t depth = 0;
    for (std::size_t i = end; i > 0; --i) {
      const std::string& text = words_[i - 1].text;
      if (text == ")") ++depth;
      if (depth == 0 && (text == "," || text == "(" || text == "select")) return i;
      if (text == "(") --depth;
    }
    return 0;
  }

  std::vector<Word> words_;
  std::set<std::string, std::less<>> columns_;
  std::set<std::string> asked_;  // names that were looked up
};

}  // namespace

bool sums_amounts(std::string_view sql) {
  return Statement{sql}.sums_amounts();
}

}  // namespace agentstore::sql
