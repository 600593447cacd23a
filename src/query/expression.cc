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
  bool is_variable(std::string_view name) const {
    return std::ranges::find(variables_, name) != variables_.end();
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
  Result<Expression> lambda();
  Result<Expression> condition_behind();
  // The names of a path that the token is, or begins with.
  Result<std::vector<std::string>> names(std::string_view path) const;
  Result<Expression> literal(Value value);
  Result<Expression> prefixed(Operation operation, Level least);

  Lexer lexer_;
  Token token_;  // the one that is looked at
  size_t depth_ = 0;
  std::vector<std::string> variables_;  // of any and all around what is parsed
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
  TRY(expression.path, names(token_.text));
  TRY_DO(advance());
  return expression;
}

Result<std::vector<std::string>> Parser::names(std::string_view path) const {
  std::vector<std::string> found;
  for (const std::string_view name : split(path, '/')) {
    if (name.empty()) return expected("a path with a name between its slashes", token_);
    found.emplace_back(name);
  }
  if (found.size() == 1 && is_variable(found[0]))
    return expected(fmt::format("what {0} has, as {0}/name,", found[0]), token_);
  return found;
}

// `Datastreams/any(d: d/name eq 'a')`. `all` is: there is none of which it is not true.
Result<Expression> Parser::lambda() {
  return nested([&]() -> Result<Expression> {
    Expression any = make(Operation::any, token_.position);
    const size_t slash = token_.text.rfind('/');
    const bool all = same_word(token_.text.substr(slash + 1), "all");
    TRY(any.path, names(token_.text.substr(0, slash)));
    TRY_DO(advance());  // to the bracket
    if (!all && lexer_.closes_next()) {
      TRY_DO(advance());
      TRY(auto each, literal(true));  // takes the bracket
      any.operands.push_back(std::move(each));
      return any;
    }
    TRY(auto condition, condition_behind());
    any.variable = std::move(variables_.back());
    variables_.pop_back();
    if (!all) {
      any.operands.push_back(std::move(condition));
      TRY_DO(check_operands(any));
      return any;
    }
    Expression contrary = make(Operation::fails, any.position);
    contrary.operands.push_back(std::move(condition));
    TRY_DO(check_operands(contrary));
    any.operands.push_back(std::move(contrary));
    Expression none = make(Operation::not_, any.position);
    none.operands.push_back(std::move(any));
    return none;
  });
}

// From behind the opening to behind the closing bracket. Leaves the variable on the stack.
Result<Expression> Parser::condition_behind() {
  TRY(const Token variable, lexer_.variable());
  if (is_variable(variable.text))
    return Error{Code::bad_input,
                 fmt::format("At position {}: {} is the name of a variable around it already.",
                             variable.position, variable.text),
                 ""};
  variables_.emplace_back(variable.text);
  TRY_DO(advance());
  TRY(auto condition, operation(kOr));
  if (token_.kind != Token::Kind::close)
    return expected("an operator or the bracket that closes any or all", token_);
  TRY_DO(advance());
  return condition;
}

bool is_lambda(std::string_view word) {
  const size_t slash = word.rfind('/');
  if (slash == std::string_view::npos) return false;
  const std::string_view last = word.substr(slash + 1);
  return same_word(last, "any") || same_word(last, "all");
}

Result<Expression> Parser::call() {
  if (is_lambda(token_.text)) return lambda();
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
  if (expression.operation == Operation::any) TRY_DO(visit(expression));
  for (const Expression& operand : expression.operands) TRY_DO(visit_paths(operand, visit));
  return {};
}

}  // namespace duliang
