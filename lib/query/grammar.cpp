// Recursive descent, in the order in which SQL binds:
//   truth      := conjunction { OR conjunction }
//   conjunction:= negation { AND negation }
//   negation   := NOT negation | comparison
//   comparison := sum [ (= == <> != < <= > >=) sum | IS [NOT] sum | ISNULL | NOTNULL
//                     | [NOT] (BETWEEN sum AND sum | IN (sum, …) | LIKE sum | GLOB sum) ]
//   sum        := product { (+ -) product }       product := joined { (* / %) joined }
//   joined     := signed { || signed }            signed  := (+ -) signed | primary
//   primary    := number | text | NULL | TRUE | FALSE | name | function(…) | CASE … END | (truth)

#include "query/grammar.hpp"

#include <algorithm>
#include <array>

#include "agentstore/internal/nearest.hpp"
#include "base/ascii.hpp"
#include "query/tokens.hpp"

namespace agentstore {
namespace {

constexpr int levels_max = 60;
constexpr std::size_t text_bytes_max = 16'384;
constexpr std::size_t sql_bytes_max = std::size_t{1} << 20;

// Those of SQLite's that depend on their arguments alone.
constexpr std::array functions{
    "abs",
    "coalesce",
    "date",
    "datetime",
    "format",
    "hex",
    "ifnull",
    "iif",
    "instr",
    "json",
    "json_array_length",
    "json_extract",
    "json_type",
    "julianday",
    "length",
    "lower",
    "ltrim",
    "max",
    "min",
    "nullif",
    "number",
    "printf",
    "quote",
    "replace",
    "round",
    "rtrim",
    "sign",
    "strftime",
    "substr",
    "substring",
    "time",
    "trim",
    "typeof",
    "unicode",
    "unixepoch",
    "upper",
};

constexpr std::array keywords{
    "and",     "or",     "not",   "is",       "null", "in",     "like",   "glob",
    "between", "case",   "when",  "then",     "else", "end",    "escape", "isnull",
    "notnull", "true",   "false", "select",   "from", "where",  "cast",   "collate",
    "exists",  "regexp", "match", "distinct", "over", "filter",
};

bool is_one_of(std::string_view word, const auto& words) {
  return std::ranges::any_of(words, [&](const char* known) { return same_folded(word, known); });
}

std::string call(const char* function, const std::string& left, const std::string& right) {
  return std::string{function} + '(' + left + ", " + right + ')';
}

/// A part of the statement.
struct Piece {
  enum class Kind {
    truth,  ///< true, false or NULL by its form
    open,   ///< what a function gives: known only when it is asked
    name,   ///< a field; `reference` says which
    value,  ///< a number or a text
  };
  std::string sql;
  Kind kind = Kind::value;
  std::size_t offset_bytes = 0;
  std::size_t reference = 0;
};

class Parser {
 public:
  explicit Parser(std::string_view text) : text_{text} {}

  Result<Prepared> parse() {
    if (text_.size() > text_bytes_max)
      return fail(Code::invalid,
                  "the expression is longer than " + std::to_string(text_bytes_max) + " bytes");
    if (!advance()) return std::unexpected{error_};
    if (token_.kind == Token::Kind::end) return refuse_at(text_, 0, "there is no expression");
    const Piece whole = as_truth(disjunction());
    if (!failed_ && token_.kind != Token::Kind::end) refuse(token_, "this is left over");
    if (failed_) return std::unexpected{error_};
    prepared_.sql = "SELECT " + whole.sql;
    return std::move(prepared_);
  }

 private:
  // The first refusal stands; what is parsed after it is thrown away.
  Piece refuse(std::size_t offset_bytes, const std::string& why) {
    if (!failed_) error_ = refuse_at(text_, offset_bytes, why).error();
    failed_ = true;
    token_ = {};
    return {};
  }
  Piece refuse(const Token& token, const std::string& why) {
    return refuse(token.offset_bytes, why);
  }

  bool advance() {
    if (failed_) return false;
    auto token = next_token(text_, at_);
    if (token) {
      token_ = std::move(*token);
      return true;
    }
    error_ = token.error();
    failed_ = true;
    token_ = {};
    return false;
  }

  bool take_sign(std::string_view sign) { return token_.is_sign(sign) && advance(); }
  bool take_word(std::string_view word) { return token_.is_word(word) && advance(); }
  void expect_sign(std::string_view sign) {
    if (!take_sign(sign)) refuse(token_, "expected " + std::string{sign});
  }
  void expect_word(std::string_view word) {
    if (!take_word(word)) refuse(token_, "expected " + std::string{word});
  }

  Piece as_truth(Piece piece) {
    switch (piece.kind) {
      case Piece::Kind::truth: return piece;
      case Piece::Kind::open:
        piece.sql = std::string{truth_function} + '(' + piece.sql + ')';
        break;
      case Piece::Kind::name: prepared_.references[piece.reference].as_truth = true; break;
      case Piece::Kind::value:
        return refuse(piece.offset_bytes, "this is not a boolean: it is neither true nor false");
    }
    piece.kind = Piece::Kind::truth;
    return piece;
  }

  Piece disjunction() {
    Piece left = conjunction();
    while (take_word("OR")) {
      left = as_truth(std::move(left));
      left.sql = '(' + left.sql + " OR " + as_truth(conjunction()).sql + ')';
    }
    return left;
  }

  Piece conjunction() {
    Piece left = negation();
    while (take_word("AND")) {
      left = as_truth(std::move(left));
      left.sql = '(' + left.sql + " AND " + as_truth(negation()).sql + ')';
    }
    return left;
  }

  Piece negation() {
    const std::size_t start = token_.offset_bytes;
    if (!take_word("NOT")) return comparison();
    const Level level{*this};
    if (level.too_deep()) return {};
    return truth("NOT " + as_truth(negation()).sql, start);
  }

  static Piece truth(const std::string& sql, std::size_t start) {
    return {.sql = '(' + sql + ')', .kind = Piece::Kind::truth, .offset_bytes = start};
  }

  static std::string compared(const std::string& left, const char* sign, const std::string& right) {
    return call(compare_function, left, right) + ' ' + sign + " 0";
  }

  bool at_comparison() const {
    if (token_.kind == Token::Kind::sign)
      return is_one_of(token_.value, std::array{"=", "==", "<>", "!=", "<", "<=", ">", ">="});
    return token_.kind == Token::Kind::name &&
           is_one_of(token_.value,
                     std::array{"IS", "NOT", "BETWEEN", "IN", "LIKE", "GLOB", "ISNULL", "NOTNULL"});
  }

  Piece comparison() {
    Piece left = sum();
    if (!at_comparison()) return left;
    Piece result = compare(left);
    if (at_comparison())
      return refuse(token_, "comparisons do not chain; join them with AND, or use parentheses");
    if (result.sql.size() > sql_bytes_max)
      return refuse(left.offset_bytes, "this repeats too much");
    return result;
  }

  Piece compare(const Piece& left) {
    const Token token = token_;
    advance();
    if (token.kind == Token::Kind::sign)
      return truth(compared(left.sql, token.value.c_str(), sum().sql), left.offset_bytes);
    if (token.is_word("ISNULL")) return truth(left.sql + " IS NULL", left.offset_bytes);
    if (token.is_word("NOTNULL")) return truth(left.sql + " IS NOT NULL", left.offset_bytes);
    if (token.is_word("IS")) {
      const char* const word = take_word("NOT") ? " IS NOT " : " IS ";
      return truth(left.sql + word + sum().sql, left.offset_bytes);
    }
    if (!token.is_word("NOT")) return matched(left, token);
    if (take_word("NULL")) return truth(left.sql + " IS NOT NULL", left.offset_bytes);
    const Token word = token_;
    advance();
    return truth("NOT " + matched(left, word).sql, left.offset_bytes);
  }

  Piece matched(const Piece& left, const Token& word) {
    if (word.is_word("BETWEEN")) {
      const std::string low = sum().sql;
      expect_word("AND");
      return truth(compared(left.sql, ">=", low) + " AND " + compared(left.sql, "<=", sum().sql),
                   left.offset_bytes);
    }
    if (word.is_word("IN")) return listed(left);
    if (word.is_word("LIKE") || word.is_word("GLOB")) {
      std::string sql = left.sql + ' ' + word.value + ' ' + sum().sql;
      if (word.is_word("LIKE") && take_word("ESCAPE")) sql += " ESCAPE " + sum().sql;
      return truth(sql, left.offset_bytes);
    }
    return refuse(word, "expected BETWEEN, IN, LIKE or GLOB");
  }

  Piece listed(const Piece& left) {
    expect_sign("(");
    std::string sql;
    do {
      if (!sql.empty()) sql += " OR ";
      sql += compared(left.sql, "=", sum().sql);
    } while (take_sign(",") && sql.size() < sql_bytes_max);
    expect_sign(")");
    return truth(sql, left.offset_bytes);
  }

  Piece sum() {
    Piece left = product();
    while (token_.is_sign("+") || token_.is_sign("-")) {
      const char* const function = token_.is_sign("+") ? sum_function : difference_function;
      advance();
      left = {.sql = call(function, left.sql, product().sql), .offset_bytes = left.offset_bytes};
    }
    return left;
  }

  Piece product() {
    Piece left = joined();
    while (token_.is_sign("*") || token_.is_sign("/") || token_.is_sign("%")) {
      const char* const function = token_.is_sign("*")   ? product_function
                                   : token_.is_sign("/") ? quotient_function
                                                         : remainder_function;
      advance();
      left = {.sql = call(function, left.sql, joined().sql), .offset_bytes = left.offset_bytes};
    }
    return left;
  }

  Piece joined() {
    Piece left = signed_one();
    while (take_sign("||"))
      left = {.sql = '(' + left.sql + " || " + signed_one().sql + ')',
              .offset_bytes = left.offset_bytes};
    return left;
  }

  Piece signed_one() {
    const std::size_t start = token_.offset_bytes;
    const bool minus = token_.is_sign("-");
    if (!minus && !token_.is_sign("+")) return primary();
    advance();
    if (token_.kind == Token::Kind::number) return literal(minus ? "-" : "", start);
    const Level level{*this};
    if (level.too_deep()) return {};
    const std::string zero = parameter(Number{std::int64_t{0}});
    return {.sql = call(minus ? difference_function : sum_function, zero, signed_one().sql),
            .offset_bytes = start};
  }

  std::string parameter(Parameter what) {
    prepared_.parameters.push_back(std::move(what));
    return '?' + std::to_string(prepared_.parameters.size());
  }

  Piece literal(const std::string& sign, std::size_t start) {
    const auto number = exact_number(sign + token_.value);
    if (!number) return refuse(start, number.error().message);
    advance();
    return {.sql = parameter(*number), .offset_bytes = start};
  }

  Piece primary() {
    const Level level{*this};
    if (level.too_deep()) return {};
    const Token token = token_;
    switch (token.kind) {
      case Token::Kind::number: return literal({}, token.offset_bytes);
      case Token::Kind::text:
        advance();
        return {.sql = parameter(token.value), .offset_bytes = token.offset_bytes};
      case Token::Kind::quoted_name: advance(); return field(token);
      case Token::Kind::name: return named(token);
      case Token::Kind::sign: break;
      case Token::Kind::end: return refuse(token, "a value is missing");
    }
    if (!take_sign("(")) return refuse(token, "a value is missing before this");
    Piece inside = disjunction();
    expect_sign(")");
    inside.offset_bytes = token.offset_bytes;
    return inside;
  }

  Piece named(const Token& token) {
    advance();
    if (token_.is_sign("(") && !is_one_of(token.value, keywords)) return function(token);
    if (token.is_word("NULL")) return {"NULL", Piece::Kind::truth, token.offset_bytes, 0};
    if (token.is_word("TRUE")) return {"1", Piece::Kind::truth, token.offset_bytes, 0};
    if (token.is_word("FALSE")) return {"0", Piece::Kind::truth, token.offset_bytes, 0};
    if (token.is_word("CASE")) return cases(token.offset_bytes);
    if (is_one_of(token.value, keywords))
      return refuse(token,
                    "a value is missing before this; a field of that name stands in double "
                    "quotes");
    return field(token);
  }

  Piece field(const Token& token) {
    auto& references = prepared_.references;
    const auto known = std::ranges::find(references, token.value, &Reference::name);
    const auto index = static_cast<std::size_t>(known - references.begin());
    if (known == references.end()) references.push_back({.name = token.value});
    return {parameter(index), Piece::Kind::name, token.offset_bytes, index};
  }

  Piece function(const Token& token) {
    if (!is_one_of(token.value, functions)) {
      const std::vector<std::string> names{functions.begin(), functions.end()};
      const std::string near = nearest(token.value, names);
      return refuse(token, near.empty() ? "there is no such function"
                                        : "there is no such function; did you mean " + near + "?");
    }
    advance();
    Piece result{
        .sql = token.value + '(', .kind = Piece::Kind::open, .offset_bytes = token.offset_bytes};
    for (bool first = true; !failed_ && !token_.is_sign(")"); first = false) {
      if (!first) expect_sign(",");
      const bool condition = first && same_folded(token.value, "iif");
      result.sql +=
          (first ? "" : ", ") + (condition ? as_truth(disjunction()).sql : disjunction().sql);
    }
    expect_sign(")");
    result.sql += ')';
    return result;
  }

  Piece cases(std::size_t start) {
    Piece result{.sql = "CASE", .kind = Piece::Kind::open, .offset_bytes = start};
    const std::string base = token_.is_word("WHEN") ? std::string{} : disjunction().sql;
    do {
      expect_word("WHEN");
      const std::string when =
          base.empty() ? as_truth(disjunction()).sql : compared(base, "=", disjunction().sql);
      expect_word("THEN");
      result.sql += " WHEN " + when + " THEN " + disjunction().sql;
    } while (token_.is_word("WHEN") && result.sql.size() < sql_bytes_max);
    if (take_word("ELSE")) result.sql += " ELSE " + disjunction().sql;
    expect_word("END");
    result.sql += " END";
    return result;
  }

  /// Parentheses, signs and NOTs in one another.
  class Level {
   public:
    explicit Level(Parser& parser) : parser_{parser} {
      if (++parser_.levels_ > levels_max) parser_.refuse(parser_.token_, "this is nested too deep");
    }
    ~Level() { --parser_.levels_; }
    Level(const Level&) = delete;
    Level& operator=(const Level&) = delete;
    bool too_deep() const { return parser_.failed_; }

   private:
    Parser& parser_;
  };

  std::string_view text_;
  std::size_t at_ = 0;
  Token token_;
  Prepared prepared_;
  Error error_;
  bool failed_ = false;
  int levels_ = 0;
};

}  // namespace

Result<Prepared> prepare_expression(std::string_view text) {
  return Parser{text}.parse();
}

}  // namespace agentstore
