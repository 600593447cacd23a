// Fuzzes the expression language: whatever the bytes, parsing answers, a parsed expression can be
// judged over any values, checked against every type, and bounded.
#include <cstddef>
#include <cstdint>

#include "base/check.h"
#include "query/evaluate.h"
#include "query/narrow.h"
#include "query/question.h"

namespace duliang {
namespace {

const Time kNow = std::chrono::sys_days{std::chrono::year{2026} / 11 / 24};

// The k-th of the values that a path may have here, by turns: one of each kind.
Value example(size_t k) {
  switch (k % 9) {
    case 0: return {};
    case 1: return int64_t{3};
    case 2: return Decimal{21.5, "21.50"};
    case 3: return std::string("Abc");
    case 4: return true;
    case 5: return kNow;
    case 6: return Interval{kNow, kNow + std::chrono::hours{2}};
    case 7: return Duration{3'600'000'000};
    default: return Json(Json::Object{{"x", Json(int64_t{1})}});
  }
}

// Each path has a value of its own that stays the same within one turn.
Scope scope_of_turn(size_t turn) {
  return {.resolve = [turn](std::span<const std::string> path) -> Result<Value> {
            size_t sum = turn;
            for (const std::string& name : path) sum += name.size();
            return example(sum);
          },
          .now = kNow};
}

void judge(const Expression& expression) {
  const Scope nulls{.resolve = [](std::span<const std::string>) { return Value{}; }, .now = kNow};
  CHECK(evaluate(expression, nulls).ok(), "only a scope can fail");
  for (size_t turn = 0; turn < 9; ++turn) {
    const Scope scope = scope_of_turn(turn);
    const auto value = evaluate(expression, scope);
    CHECK(value.ok());
    CHECK(compare_for_order(*value, *value) == 0, "a value is as itself");
    const auto passes = holds(expression, scope);
    CHECK(passes.ok());
  }
  for (const EntityType& type : all_types()) (void)check_names(expression, type.id);
  for (const char* path : {"id", "name", "phenomenonTime", "Datastream/id"})
    (void)bounds_of(expression, path, kNow);
}

void check_error(const Error& error) {
  CHECK(!error.message.empty());
  CHECK(error.code == Code::bad_input || error.code == Code::too_large ||
        error.code == Code::unsupported);
}

}  // namespace
}  // namespace duliang

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);
  if (const auto expression = duliang::parse_expression(text); expression.ok()) {
    duliang::judge(*expression);
  } else {
    duliang::check_error(expression.error());
  }
  if (const auto order = duliang::parse_order(text); order.ok()) {
    for (const duliang::OrderTerm& term : *order) duliang::judge(term.by);
  } else {
    duliang::check_error(order.error());
  }
  return 0;
}
