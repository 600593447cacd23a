#include "query/values_for_test.h"

namespace duliang {
namespace {

Value named(const std::string& name) {
  if (name == "i") return int64_t{3};
  if (name == "d") return Decimal{3.5, "3.50"};
  if (name == "one") return Decimal{1, "1.0"};
  if (name == "t") return std::string("Abc");
  if (name == "code") return std::string("5");
  if (name == "yes") return true;
  if (name == "no") return false;
  if (name == "big") return kMost;
  if (name == "small") return kLeast;
  if (name == "o") return *parse_json(R"({"x":1})");
  if (name == "a") return *parse_json("[1,2]");
  if (name == "sealed") return Sealed{"person/7", "Abc"};
  if (name == "photo") return Blob{Hash{1}, 70'000, "image/jpeg"};
  if (name == "at") return *parse_time("2026-11-24T13:20:40.25Z");
  if (name == "from") return *parse_interval("2026-11-24T03:00:00Z/2026-11-24T05:00:00Z");
  if (name == "span") return *parse_duration("1h");
  return {};
}

}  // namespace

Scope scope_for_test() {
  return {.resolve = [](std::span<const std::string> path) { return named(path.front()); },
          .now = *parse_time("2026-11-24T12:00:00Z")};
}

std::string value_of(std::string_view text) {
  const auto expression = parse_expression(text);
  if (!expression.ok()) return expression.error().message;
  const auto value = evaluate(*expression, scope_for_test());
  return value.ok() ? to_json(*value).dump() : value.error().message;
}

void check_values(std::span<const Case> cases) {
  for (const Case& each : cases)
    EXPECT_EQ(value_of(each.expression), each.value) << each.expression;
}

}  // namespace duliang
