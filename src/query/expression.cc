#include "query/expression.h"

#include <array>

#include "base/limits.h"
#include "base/text.h"
#include "query/functions.h"
#include "query/kinds.h"
#include "query/lexer.h"

namespace duliang {
namespace {

// How tightly an operation binds; `not` stands between `and` and the comparisons, so that it takes
// a whole comparison.
enum Level : int { kOr, kAnd, kEquality, kRelation, kSum, kProduct, kOperand };

struct Infix {
  std::string_view name;
  Operation operation;
  Level level;
};
constexpr std::array kInfix = {
    Infix{"or", Operation::or_, kOr},       Infix{"and", Operation::and_, kAnd},
    Infix{"eq", Operation::eq, kEquality},  Infix{"ne", Operation::ne, kEquality},
    Infix{"gt", Operation::gt, kRelation},  Infix{"ge", Operation::ge, kRelation},
    Infix{"lt", Operation::lt, kRelation},  Infix{"le", Operation::le, kRelation},
    Infix{"add", Operation::add, kSum},     Infix{"sub", Operation::sub, kSum},
    Infix{"mul", Operation::mul, kProduct}, Infix{"div", Operation::div, kProduct},
    Infix{"mod", Operation::mod, kProduct}};

bool same_word(std::string_view a, std::string_view b) {
  const auto lower = [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [&](char x, char y) { return lower(x) == lower(y); });
}

template <typename Table>
auto find_word(const Table& table, std::string_view word) -> const typename Table::value_type* {
  for (const auto& entry : table)
    if (same_word(entry.name, word)) return &entry;
  return nullptr;
}

Expression make(Operation operation, size_t position) {
  Expression expression;
  expression.operation = operation;
  expression.position = position;
  return expression;
}

Error expected(std::string_view what, const Token& found) {
  return expected_at(found.position, what, found.text);
}

Error no_such_function(const Token& name) {
  std::vector<std::string> known;
  for (const Function& function : all_functions()) known.emplace_back(function.name);
  const std::string near = nearest(name.text, known);
  const std::string hint = near.empty() ? "" : fmt::format(" Did you mean {}?", near);
  return {Code::unsupported,
          fmt::format("The function {} (at position {}) is not offered.{}", quoted(name.text),
                      name.position, hint),
          ""};
}

class Parser {
 public:
  explicit Parser(std::string_view text) : lexer_(text) {}

  Result<Expression> whole();
  Result<std::vector<OrderTerm>> order();

 private:
  bool at_word(std::string_view word) const {
    return token_.kind == Token::Kind::word && same_word(token_.text, word);
  }
  Status advance();
  // Runs `parse` one nesting deeper.
  template <typename Parse>
  Result<Expression> nested(Parse parse);
  Result<Expression> operation(Level least);
  Result<Expression> operand(Level least);
  Result<Expression> negation(Level least);
  Result<Expression> bracketed();
  Result<Expression> word();
  Result<Expression> call();
  // From the first operand to behind the closing bracket; there are least to most.
  Status operands(Expression& of, size_t least, size_t most, std::string_view name);
  Result<Expression> path();
  Result<Expression> literal(Value value);
  Result<Expression> prefixed(Operation operation, Level least);

  Lexer lexer_;
  Token token_;  // the one that is looked at
  size_t depth_ = 0;
};

Status Parser::advance() {
  TRY(token_, lexer_.next());
  return {};
}

template <typename Parse>
Result<Expression> Parser::nested(Parse parse) {
  if (depth_ == limits::kFilterDepth)
    return Error{Code::too_large,
                 fmt::format("At position {} the expression is nested deeper than {} levels.",
                             token_.position, limits::kFilterDepth),
                 ""};
  ++depth_;
  auto parsed = parse();
  --depth_;
  return parsed;
}

Result<Expression> Parser::whole() {
  TRY_DO(advance());
  TRY(auto expression, operation(kOr));
  if (token_.kind != Token::Kind::end) return expected("an operator or the end", token_);
  return expression;
}

Result<std::vector<OrderTerm>> Parser::order() {
  std::vector<OrderTerm> terms;
  do {
    TRY_DO(advance());
    TRY(auto by, operation(kOr));
    const bool descending = at_word("desc");
    if (descending || at_word("asc")) TRY_DO(advance());
    terms.push_back({std::move(by), descending});
  } while (token_.kind == Token::Kind::comma);
  if (token_.kind != Token::Kind::end)
    return expected("asc, desc, a comma, an operator or the end", token_);
  return terms;
}

// Operands joined by infix operations that bind at least as tightly as `least`, left to right. A
// row of `and`, or of `or`, is one expression with many operands, so that it is not deep.
Result<Expression> Parser::operation(Level least) {
  TRY(auto left, operand(least));
  while (token_.kind == Token::Kind::word) {
    const Infix* infix = find_word(kInfix, token_.text);
    if (infix == nullptr || infix->level < least) break;
    const size_t position = token_.position;
    TRY_DO(advance());
    TRY(auto right, operation(static_cast<Level>(infix->level + 1)));
    const bool logic = infix->level <= kAnd;
    if (logic && left.operation == infix->operation) {
      left.operands.push_back(std::move(right));
      TRY_DO(check_operands(left, left.operands.size() - 1));
      continue;
    }
    Expression joined = make(infix->operation, position);
    joined.operands.push_back(std::move(left));
    joined.operands.push_back(std::move(right));
    TRY_DO(check_operands(joined));
    left = std::move(joined);
  }
  return left;
}

Result<Expression> Parser::operand(Level least) {
  switch (token_.kind) {
    case Token::Kind::literal: return literal(std::move(token_.value));
    case Token::Kind::open: return bracketed();
    case Token::Kind::minus: return prefixed(Operation::negate, kOperand);
    case Token::Kind::word: break;
    default: return expected("a value", token_);
  }
  if (lexer_.opens_next() && !same_word(token_.text, "not") && !find_word(kInfix, token_.text))
    return call();
  if (same_word(token_.text, "not")) return negation(least);
  return word();
}

Result<Expression> Parser::negation(Level least) {
  if (least > kEquality) return expected("a value (a 'not' here needs brackets)", token_);
  return prefixed(Operation::not_, kEquality);
}

// `-` or `not`, and what it takes.
Result<Expression> Parser::prefixed(Operation sign, Level takes) {
  return nested([&]() -> Result<Expression> {
    Expression expression = make(sign, token_.position);
    TRY_DO(advance());
    TRY(auto inner, takes == kOperand ? operand(kOperand) : operation(takes));
    expression.operands.push_back(std::move(inner));
    TRY_DO(check_operands(expression));
    return expression;
  });
}

Result<Expression> Parser::bracketed() {
  return nested([&]() -> Result<Expression> {
    TRY_DO(advance());
    TRY(auto inner, operation(kOr));
    if (token_.kind != Token::Kind::close)
      return expected("an operator or a closing bracket", token_);
    TRY_DO(advance());
    return inner;
  });
}

Result<Expression> Parser::word() {
  if (same_word(token_.text, "true")) return literal(true);
  if (same_word(token_.text, "false")) return literal(false);
  if (same_word(token_.text, "null")) return literal({});
  if (find_word(kInfix, token_.text)) return expected("a value", token_);
  return path();
}

Result<Expression> Parser::literal(Value value) {
  Expression expression = make(Operation::literal, token_.position);
  expression.literal = std::move(value);
  TRY_DO(advance());
  return expression;
}

Result<Expression> Parser::path() {
  Expression expression = make(Operation::path, token_.position);
  for (const std::string_view name : split(token_.text, '/')) {
    if (name.empty()) return expected("a path with a name between its slashes", token_);
    expression.path.emplace_back(name);
  }
  TRY_DO(advance());
  return expression;
}

Result<Expression> Parser::call() {
  const Token name = token_;
  const Function* function = find_word(all_functions(), name.text);
  if (function == nullptr) return no_such_function(name);
  return nested([&]() -> Result<Expression> {
    Expression expression = make(Operation::call, name.position);
    expression.function = function;
    TRY_DO(advance());  // to the bracket
    TRY_DO(advance());
    TRY_DO(operands(expression, function->least, function->most, function->name));
    TRY_DO(check_operands(expression));
    return expression;
  });
}

Status Parser::operands(Expression& of, size_t least, size_t most, std::string_view name) {
  for (size_t i = 0; i < most; ++i) {
    if (i >= least && token_.kind == Token::Kind::close) break;
    if (i > 0 && token_.kind != Token::Kind::comma) {
      if (i < least) return expected("a comma", token_);
      return expected(fmt::format("a comma or the bracket that closes {}", name), token_);
    }
    if (i > 0) TRY_DO(advance());
    TRY(auto operand, operation(kOr));
    of.operands.push_back(std::move(operand));
  }
  if (token_.kind != Token::Kind::close)
    return expected(fmt::format("the bracket that closes {}", name), token_);
  return advance();
}

Status check_text(std::string_view text) {
  if (text.size() > limits::kFilterBytes)
    return Error{Code::too_large,
                 fmt::format("An expression may have at most {} bytes; this one has {}.",
                             limits::kFilterBytes, text.size()),
                 ""};
  if (!is_utf8(text)) return Error{Code::bad_input, "The expression is not UTF-8.", ""};
  return {};
}

}  // namespace

Result<Expression> parse_expression(std::string_view text) {
  TRY_DO(check_text(text));
  return Parser(text).whole();
}

Result<std::vector<OrderTerm>> parse_order(std::string_view text) {
  TRY_DO(check_text(text));
  return Parser(text).order();
}

Status visit_paths(const Expression& expression,
                   const std::function<Status(const Expression& path)>& visit) {
  if (expression.operation == Operation::path) return visit(expression);
  for (const Expression& operand : expression.operands) TRY_DO(visit_paths(operand, visit));
  return {};
}

}  // namespace duliang
