#include "query/expression.h"

#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include "base/limits.h"
#include "query/functions.h"

namespace duliang {
namespace {

std::string_view name_of(Operation operation) {
  switch (operation) {
    case Operation::literal: return "literal";
    case Operation::path: return "path";
    case Operation::known: return "known";
    case Operation::any: return "any";
    case Operation::eq: return "eq";
    case Operation::ne: return "ne";
    case Operation::gt: return "gt";
    case Operation::ge: return "ge";
    case Operation::lt: return "lt";
    case Operation::le: return "le";
    case Operation::and_: return "and";
    case Operation::or_: return "or";
    case Operation::not_: return "not";
    case Operation::fails: return "fails";
    case Operation::add: return "add";
    case Operation::sub: return "sub";
    case Operation::mul: return "mul";
    case Operation::div: return "div";
    case Operation::mod: return "mod";
    case Operation::negate: return "-";
    case Operation::call: return "call";
  }
  return "?";
}

// (and (gt result 3.5) (eq Datastream/id 4)); texts in double quotes, times and durations as JSON
// shows them but without quotes.
std::string shown(const Expression& expression) {
  if (expression.operation == Operation::literal) {
    const std::string json = to_json(expression.literal).dump();
    const bool text = std::holds_alternative<std::string>(expression.literal);
    return text || json.front() != '"' ? json : json.substr(1, json.size() - 2);
  }
  std::string out;
  if (expression.operation == Operation::path) {
    for (const std::string& name : expression.path) out += (out.empty() ? "" : "/") + name;
    return out;
  }
  const bool call = expression.operation == Operation::call;
  out = "(" + std::string(call ? expression.function->name : name_of(expression.operation));
  if (expression.operation == Operation::any)
    out += " " + fmt::format("{}", fmt::join(expression.path, "/")) + " " + expression.variable;
  for (const Expression& operand : expression.operands) out += " " + shown(operand);
  return out + ")";
}

std::string parsed(std::string_view text) {
  const auto expression = parse_expression(text);
  return expression.ok() ? shown(*expression) : expression.error().message;
}

struct Golden {
  const char* text;
  const char* parsed;
};

const Golden kGolden[] = {
    // Literals.
    {"'it''s'", R"("it's")"},
    {"''", R"("")"},
    {"'梁平'", R"("梁平")"},
    {"3", "3"},
    {"-3", "-3"},
    {"007", "7"},
    {"21.50", "21.50"},
    {"1.0e3", "1.0e3"},
    {"-1e-3", "-1e-3"},
    {"9223372036854775807", "9223372036854775807"},
    {"-9223372036854775808", "-9223372036854775808"},
    {"9223372036854775808", "9223372036854775808"},
    {"TRUE", "true"},
    {"False", "false"},
    {"Null", "null"},
    {"2026-11-24T00:00:00Z", "2026-11-24T00:00:00Z"},
    {"2026-11-24T08:00:00+08:00", "2026-11-24T00:00:00Z"},
    {"2026-11-24T00:00:00Z/2026-11-25T00:00:00Z", "2026-11-24T00:00:00Z/2026-11-25T00:00:00Z"},
    {"duration'PT1H'", "PT3600S"},
    // Paths.
    {"result", "result"},
    {"@iot.id", "@iot.id"},
    {"Datastream/@iot.id", "Datastream/@iot.id"},
    {"properties/保证水位", "properties/保证水位"},
    {"properties/and/not/true", "properties/and/not/true"},
    {"parameters/list/0", "parameters/list/0"},
    {"properties/last-seen", "properties/last-seen"},
    {"android", "android"},
    {"length", "length"},
    // Precedence: unary minus, mul div mod, add sub, gt ge lt le, eq ne, not, and, or.
    {"a or b and c", "(or a (and b c))"},
    {"a and b or c", "(or (and a b) c)"},
    {"a and b and c", "(and a b c)"},
    {"a or b or c or d", "(or a b c d)"},
    {"a eq b gt c", "(eq a (gt b c))"},
    {"a gt b eq c lt d", "(eq (gt a b) (lt c d))"},
    {"a ne b eq c", "(eq (ne a b) c)"},
    {"a lt b add c", "(lt a (add b c))"},
    {"a add b mul c", "(add a (mul b c))"},
    {"a mul b add c", "(add (mul a b) c)"},
    {"a sub b add c", "(add (sub a b) c)"},
    {"14 div (result add 1) mod 3 mul 3 eq 3",
     "(eq (mul (mod (div 14 (add result 1)) 3) 3) 3)"},
    {"1 add result mul 2 sub -1 eq 4", "(eq (sub (add 1 (mul result 2)) -1) 4)"},
    {"- a mul b", "(mul (- a) b)"},
    {"-a add - 3", "(add (- a) (- 3))"},
    {"- - a", "(- (- a))"},
    {"((a))", "a"},
    {"(a or b) and c", "(and (or a b) c)"},
    // `not` takes a whole comparison.
    {"not a", "(not a)"},
    {"not a lt b and not c ge d", "(and (not (lt a b)) (not (ge c d)))"},
    {"not a eq b or c", "(or (not (eq a b)) c)"},
    {"not not a eq b", "(not (not (eq a b)))"},
    {"not (actor/id eq case/Handler)", "(not (eq actor/id case/Handler))"},
    {"not(a)", "(not a)"},
    {"a and not b", "(and a (not b))"},
    {"a eq (not b)", "(eq a (not b))"},
    // Words in any case, spaces of any kind, none around brackets.
    {"a AND b Or c", "(or (and a b) c)"},
    {"NOT a GT 3", "(not (gt a 3))"},
    {"  a\teq\r\n3  ", "(eq a 3)"},
    {"(a)and(b)", "(and a b)"},
    // Functions.
    {"startswith(name,'a')", R"((startswith name "a"))"},
    {"endswith ( name , 'a' )", R"((endswith name "a"))"},
    {"substringof('a',tolower(name)) eq true", R"((eq (substringof "a" (tolower name)) true))"},
    {"length(toupper(name)) gt 3", "(gt (length (toupper name)) 3)"},
    {"phenomenonTime gt now() sub duration'PT1H'", "(gt phenomenonTime (sub (now) PT3600S))"},
    {"StartsWith(name,'a')", R"((startswith name "a"))"},
    // any and all; all is none of which it is not true.
    {"a/any(d: d/b eq 1)", "(any a d (eq d/b 1))"},
    {"a/any(d:d/b eq c)", "(any a d (eq d/b c))"},
    {"a/all(d : d/b)", "(not (any a d (fails d/b)))"},
    {"a/any()", "(any a  true)"},
    {"a/any( ) and b", "(and (any a  true) b)"},
    {"a/b/ANY(站: 站/c/d eq 'x' and 站/e)", "(any a/b 站 (and (eq 站/c/d \"x\") 站/e))"},
    {"a/any(d: d/b/all(o: o/c gt d/e)) or f",
     "(or (any a d (not (any d/b o (fails (gt o/c d/e))))) f)"},
    {"a/any(d: d/x) and b/any(d: d/y)", "(and (any a d d/x) (any b d d/y))"},
    {"any eq all", "(eq any all)"},
    {"a/any eq 1", "(eq a/any 1)"},
    // Of times, a plus that arrived as a space.
    {"a gt 2026-11-24T08:00:00 08:00", "(gt a 2026-11-24T00:00:00Z)"},
    {"a gt 2026-11-24T08:00:00.5 0800 and b", "(and (gt a 2026-11-24T00:00:00.500Z) b)"},
    {"(a gt 2026-11-24T08:00 08)", "(gt a 2026-11-24T00:00:00Z)"},
    {"2026-11-24T08:00:00 08:00/2026-11-25T08:00:00 08:00",
     "2026-11-24T00:00:00Z/2026-11-25T00:00:00Z"},
    {"2026-11-24T08:00:00Z/2026-11-25T08:00:00 08:00",
     "2026-11-24T08:00:00Z/2026-11-25T00:00:00Z"},
    // What is refused, with the position in characters.
    {"a gt 2026-11-24T08:00:00Z 08:00",
     "At position 29 a space, a bracket or the end was expected, but \":\" stands there."},
    {"a/any(d d/x)", "At position 7 a variable and a colon, as d: d/name eq 'a', was expected, but "
                     "\"d\" stands there."},
    {"a/all()", "At position 7 a variable and a colon, as d: d/name eq 'a', was expected, but "
                "\")\" stands there."},
    {"a/any(3: x)", "At position 7 a variable and a colon, as d: d/name eq 'a', was expected, but "
                    "\"3\" stands there."},
    {"a/any(d:", "At position 9 a value was expected, but the text ends there."},
    {"a/any(d: d/b", "At position 13 an operator or the bracket that closes any or all was "
                     "expected, but the text ends there."},
    {"a/any(d: d eq 1)",
     "At position 10 what d has, as d/name, was expected, but \"d\" stands there."},
    {"a/any(d: d/b/any(d: d/c))",
     "At position 18: d is the name of a variable around it already."},
    {"a/any(d: 5)",
     "At position 10: a boolean was expected, not a whole number of 0 or more."},
    {"a//any()", "At position 1 a path with a name between its slashes was expected, but "
                 "\"a//any\" stands there."},
    {"", "At position 1 a value was expected, but the text ends there."},
    {"   ", "At position 4 a value was expected, but the text ends there."},
    {"a eq", "At position 5 a value was expected, but the text ends there."},
    {"a b", "At position 3 an operator or the end was expected, but \"b\" stands there."},
    {"a eq eq b", "At position 6 a value was expected, but \"eq\" stands there."},
    {"and", "At position 1 a value was expected, but \"and\" stands there."},
    {"or (a)", "At position 1 a value was expected, but \"or\" stands there."},
    {"(a", "At position 3 an operator or a closing bracket was expected, but the text ends there."},
    {"a)", "At position 2 an operator or the end was expected, but \")\" stands there."},
    {"()", "At position 2 a value was expected, but \")\" stands there."},
    {"a,b", "At position 2 an operator or the end was expected, but \",\" stands there."},
    {"'梁平' 梁", "At position 6 an operator or the end was expected, but \"梁\" stands there."},
    {"'abc", "The text that begins at position 1 has no closing quote."},
    {"name eq 'abc''", "The text that begins at position 9 has no closing quote."},
    {"3abc", "At position 2 a space, a bracket or the end was expected, but \"a\" stands there."},
    {"'a'eq 3",
     "At position 4 a space, a bracket or the end was expected, but \"e\" stands there."},
    {"3.", "At position 2 a space, a bracket or the end was expected, but \".\" stands there."},
    {".5", "At position 1 a value or a word was expected, but \".\" stands there."},
    {"a = 3", "At position 3 a value or a word was expected, but \"=\" stands there."},
    {"a//b", "At position 1 a path with a name between its slashes was expected, but \"a//b\" "
             "stands there."},
    {"a/", "At position 1 a path with a name between its slashes was expected, but \"a/\" stands "
           "there."},
    {"1e999", "The number at position 1 is beyond what a number can hold."},
    {"a eq not b",
     "At position 6 a value (a 'not' here needs brackets) was expected, but \"not\" stands there."},
    {"length()", "At position 8 a value was expected, but \")\" stands there."},
    {"length(a,b)",
     "At position 9 the bracket that closes length was expected, but \",\" stands there."},
    {"startswith(a)", "At position 13 a comma was expected, but \")\" stands there."},
    {"now(a)", "At position 5 the bracket that closes now was expected, but \"a\" stands there."},
    {"geo.distance(location,'a')", "The function \"geo.distance\" (at position 1) is not offered."},
    {"a and years(time) eq 2026",
     "The function \"years\" (at position 7) is not offered. Did you mean year?"},
    {"geography'POINT (1 2)'",
     "Literals of the kind \"geography\" (at position 1) are not offered."},
    {"duration'PT1H", "The text that begins at position 1 has no closing quote."},
};

TEST(Expression, Golden) {
  for (const Golden& golden : kGolden)
    EXPECT_EQ(parsed(golden.text), golden.parsed) << golden.text;
}

TEST(Expression, MalformedTimesNameTheirPosition) {
  for (const char* text : {"a eq 2026-13-01T00:00:00Z", "a eq 2026-", "a eq duration'hour'",
                           "a eq 2026-11-24T00:00:00Z/2026"}) {
    const auto expression = parse_expression(text);
    ASSERT_FALSE(expression.ok()) << text;
    EXPECT_EQ(expression.error().code, Code::bad_input);
    EXPECT_TRUE(expression.error().message.starts_with("At position 6: "))
        << expression.error().message;
  }
}

TEST(Expression, UnsupportedIsToldFromWrong) {
  EXPECT_EQ(parse_expression("geo.length(location) eq 1").error().code, Code::unsupported);
  EXPECT_EQ(parse_expression("geography'POINT (1 2)'").error().code, Code::unsupported);
  EXPECT_EQ(parse_expression("a eq").error().code, Code::bad_input);
  EXPECT_EQ(parse_expression("a eq '\xff'").error().code, Code::bad_input);
}

std::string repeated(std::string_view part, size_t times) {
  std::string out;
  for (size_t i = 0; i < times; ++i) out += part;
  return out;
}

TEST(Expression, NestingEndsAtTheLimit) {
  const size_t most = limits::kFilterDepth;
  for (const std::string_view opening : {"(", "not ", "- ", "not(", "tolower("}) {
    const bool two = opening == "not(";  // two levels each
    const size_t times = two ? most / 2 : most;
    const bool closes = opening.back() == '(';
    const auto text = [&](size_t n) {
      return repeated(opening, n) + "a" + (closes ? repeated(")", n) : "");
    };
    EXPECT_TRUE(parse_expression(text(times)).ok()) << opening;
    const auto deeper = parse_expression(text(times + 1));
    ASSERT_FALSE(deeper.ok()) << opening;
    EXPECT_EQ(deeper.error().code, Code::too_large);
  }
}

TEST(Expression, LengthEndsAtTheLimit) {
  const std::string_view quotes = "''";
  const std::string longest = "'" + repeated("x", limits::kFilterBytes - quotes.size()) + "'";
  EXPECT_TRUE(parse_expression(longest).ok());
  EXPECT_EQ(parse_expression(longest + " ").error().code, Code::too_large);
  EXPECT_EQ(parse_order(longest + " ").error().code, Code::too_large);
}

TEST(Expression, LongRowsOfOperandsAreNotDeep) {
  const auto row = parse_expression("a" + repeated(" or a", 600));
  ASSERT_TRUE(row.ok());
  EXPECT_EQ(row->operands.size(), 601u);
  EXPECT_TRUE(parse_expression("a" + repeated(" add a", 500)).ok());
}

TEST(Expression, PositionsAreKeptForMessages) {
  const auto expression = parse_expression("'梁' eq name and a/b gt 3");
  ASSERT_TRUE(expression.ok());
  EXPECT_EQ(expression->position, 13u);
  std::vector<size_t> positions;
  const Status visited = visit_paths(*expression, [&](const Expression& path) {
    positions.push_back(path.position);
    return Status{};
  });
  EXPECT_TRUE(visited.ok());
  EXPECT_EQ(positions, (std::vector<size_t>{8, 17}));
}

TEST(Expression, VisitingStopsAtTheFirstError) {
  const auto expression = parse_expression("a eq b or c");
  ASSERT_TRUE(expression.ok());
  int visited = 0;
  const Status status = visit_paths(*expression, [&](const Expression& path) -> Status {
    ++visited;
    if (path.path[0] == "b") return Error{Code::not_found, "b", ""};
    return {};
  });
  EXPECT_FALSE(status.ok());
  EXPECT_EQ(visited, 2);
}

std::string order(std::string_view text) {
  const auto terms = parse_order(text);
  if (!terms.ok()) return terms.error().message;
  std::string out;
  for (const OrderTerm& term : *terms)
    out += (out.empty() ? "" : ", ") + shown(term.by) + (term.descending ? " down" : " up");
  return out;
}

TEST(Order, Golden) {
  const Golden golden[] = {
      {"name", "name up"},
      {"name asc", "name up"},
      {"name DESC", "name down"},
      {"phenomenonTime desc,id", "phenomenonTime down, id up"},
      {"Datastream/id desc , result mul 2 Asc", "Datastream/id down, (mul result 2) up"},
      {"length(name) desc", "(length name) down"},
      {"startswith(name,'a') desc,name", "(startswith name \"a\") down, name up"},
      {"", "At position 1 a value was expected, but the text ends there."},
      {"name,", "At position 6 a value was expected, but the text ends there."},
      {"name down",
       "At position 6 asc, desc, a comma, an operator or the end was expected, but \"down\" "
       "stands there."},
      {"name desc asc",
       "At position 11 asc, desc, a comma, an operator or the end was expected, but \"asc\" "
       "stands there."},
  };
  for (const Golden& each : golden) EXPECT_EQ(order(each.text), each.parsed) << each.text;
}

}  // namespace
}  // namespace duliang
