#include "base/json_scan.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/json.h"
#include "base/limits.h"
#include "base/random.h"

namespace duliang {
namespace {

using namespace std::string_view_literals;
using Kind = ScannedValue::Kind;

struct Seen {
  std::string name;
  Kind kind;
  std::string raw;
  std::string text;
};

Result<std::vector<Seen>> scan(JsonScanner& scanner, std::string_view json) {
  std::vector<Seen> seen;
  // A copy of just this size, so that a read beyond its end is found.
  const std::vector<char> exact(json.begin(), json.end());
  TRY_DO(scanner.scan({exact.data(), exact.size()},
                      [&](std::string_view name, const ScannedValue& value) -> Status {
                        seen.push_back({std::string(name), value.kind, std::string(value.raw),
                                        std::string(value.text)});
                        return {};
                      }));
  return seen;
}

Result<std::vector<Seen>> scan(std::string_view json) {
  JsonScanner scanner;
  return scan(scanner, json);
}

void expect_seen(const Seen& seen, std::string_view name, Kind kind, std::string_view raw) {
  EXPECT_EQ(seen.name, name);
  EXPECT_EQ(seen.kind, kind) << name;
  EXPECT_EQ(seen.raw, raw);
}

TEST(JsonScan, gives_the_members_in_their_order) {
  const auto seen = scan(R"( { "result" : 21.50 , "a":"x\"y", "b":true,"c":false,"d":null,
    "Datastream": { "@iot.id" : 5 } , "list":[1, [2,{}] ],"e":{},"f":[], "g":-0 } )");
  ASSERT_TRUE(seen.ok()) << seen.error().message;
  ASSERT_EQ(seen->size(), 10u);
  expect_seen((*seen)[0], "result", Kind::number, "21.50");
  expect_seen((*seen)[1], "a", Kind::string, R"("x\"y")");
  expect_seen((*seen)[2], "b", Kind::boolean, "true");
  expect_seen((*seen)[3], "c", Kind::boolean, "false");
  expect_seen((*seen)[4], "d", Kind::null, "null");
  expect_seen((*seen)[5], "Datastream", Kind::object, R"({ "@iot.id" : 5 })");
  expect_seen((*seen)[6], "list", Kind::array, "[1, [2,{}] ]");
  expect_seen((*seen)[7], "e", Kind::object, "{}");
  expect_seen((*seen)[8], "f", Kind::array, "[]");
  expect_seen((*seen)[9], "g", Kind::number, "-0");
  EXPECT_EQ((*seen)[0].text, "21.50");
  EXPECT_EQ((*seen)[1].text, "x\"y");
  EXPECT_EQ((*seen)[2].text, "true");
}

TEST(JsonScan, unescapes_names_and_strings) {
  const auto seen = scan(R"({"\u006eame":"\u6881\u5e73\n\ud83c\udf0a","梁":"平","":""})");
  ASSERT_TRUE(seen.ok());
  EXPECT_EQ((*seen)[0].name, "name");
  EXPECT_EQ((*seen)[0].text, "梁平\n🌊");
  EXPECT_EQ((*seen)[1].name, "梁");
  EXPECT_EQ((*seen)[1].text, "平");
  EXPECT_EQ((*seen)[2].name, "");
  EXPECT_EQ((*seen)[2].text, "");
}

TEST(JsonScan, keeps_the_views_until_the_next_scan) {
  JsonScanner scanner;
  std::vector<std::string_view> views;
  const Status done = scanner.scan(R"({"a\t":"b\t","c":"d"})", [&](auto name, const auto& value) {
    views.push_back(name);
    views.push_back(value.text);
    return Status();
  });
  ASSERT_TRUE(done.ok());
  EXPECT_EQ(views, (std::vector<std::string_view>{"a\t", "b\t", "c", "d"}));
}

TEST(JsonScan, ends_with_the_error_of_the_caller) {
  int calls = 0;
  JsonScanner scanner;
  const Status done = scanner.scan(R"({"a":1,"b":2,"c":x})", [&](auto name, const auto&) -> Status {
    ++calls;
    if (name == "b") return Error{Code::forbidden, "No b.", "b"};
    return {};
  });
  ASSERT_FALSE(done.ok());
  EXPECT_EQ(done.error().code, Code::forbidden);
  EXPECT_EQ(done.error().field, "b");
  EXPECT_EQ(calls, 2);
  EXPECT_EQ(scan(scanner, R"({"a":1})")->size(), 1u);  // and is good for the next
}

TEST(JsonScan, refuses_in_the_words_of_parse_json) {
  for (const std::string_view json : {""sv,
                                      "{"sv,
                                      "{\"a\":1"sv,
                                      "{\"a\":1}x"sv,
                                      "{\"a\":1}}"sv,
                                      "{\"a\":[1,}"sv,
                                      "{\"a\":01}"sv,
                                      "{\"a\":[{\"b\":tru}]}"sv,
                                      "{\"a\":\"\xff\"}"sv,
                                      "{\"a\":\"\\ud800\"}"sv,
                                      "{\"a\":\"\\udc00\"}"sv,
                                      "{\"\\udc00\":1}"sv,
                                      "{\"a\":\"b\":1}"sv,
                                      "{\"a\":1}\0"sv,
                                      "{\"a\":1 2}"sv,
                                      "{\"a\":1e400}"sv,
                                      "{\"a\":1,\"a\":2}"sv,
                                      "{\"x\":{\"a\":1,\"\\u0061\":2}}"sv,
                                      "{\"a\":\"b\nc\"}"sv,
                                      "{\"a\":nulx}"sv,
                                      "{\"a\":1.}"sv,
                                      "{\"a\":-}"sv,
                                      "{\"a\":1e+}"sv,
                                      "{,}"sv,
                                      "{\"a\",1}"sv}) {
    const auto seen = scan(json);
    ASSERT_FALSE(seen.ok()) << json;
    EXPECT_EQ(seen.error().message, parse_json(json).error().message) << json;
    EXPECT_EQ(seen.error().code, Code::bad_input);
  }
  for (const char* json : {"[]", "5", "\"a\"", "null", "[{\"a\":1}]"})
    EXPECT_NE(scan(json).error().message.find("expected an object"), std::string::npos) << json;
}

TEST(JsonScan, refuses_deep_nesting) {
  const auto nested = [](size_t depth) {
    return R"({"a":)" + std::string(depth, '[') + std::string(depth, ']') + "}";
  };
  EXPECT_TRUE(scan(nested(limits::kJsonDepth - 1)).ok());
  EXPECT_NE(scan(nested(limits::kJsonDepth)).error().message.find("64 levels"), std::string::npos);
  EXPECT_FALSE(scan(nested(100'000)).ok());
}

TEST(JsonScan, refuses_a_member_named_twice_in_few_and_in_many) {
  for (const int count : {2, 23, 24, 25, 26, 3000}) {
    std::string json = "{";
    for (int i = 0; i < count; ++i) json += fmt::format("\"m{}\":{},", i, i);
    EXPECT_TRUE(scan(json + "\"m\":1}").ok()) << count;
    EXPECT_FALSE(scan(json + "\"m0\":1}").ok()) << count;
    EXPECT_TRUE(scan("{\"m0\":" + json + "\"m\":1}}").ok()) << count;
    EXPECT_FALSE(scan("{\"m0\":" + json + "\"m0\":1}}").ok()) << count;
  }
}

TEST(JsonScan, grows_with_its_input) {
  JsonScanner scanner;
  for (const size_t size : {10u, 5000u, 100u, 1'000'000u, 20u}) {
    const auto seen = scan(scanner, fmt::format("{{\"a\":\"{}\"}}", std::string(size, 'x')));
    ASSERT_TRUE(seen.ok());
    EXPECT_EQ(seen->front().text.size(), size);
  }
}

// Whatever is done to a text, both readers must say the same of it, and see the same in it.
void expect_agreement(JsonScanner& scanner, const std::string& json) {
  const Result<Json> parsed = parse_json(json);
  const auto seen = scan(scanner, json);
  ASSERT_EQ(seen.ok(), parsed.ok() && parsed->is_object()) << json;
  if (!seen.ok()) return;
  ASSERT_EQ(seen->size(), parsed->members().size()) << json;
  for (size_t i = 0; i < seen->size(); ++i) {
    const auto& [name, value] = parsed->members()[i];
    ASSERT_EQ((*seen)[i].name, name) << json;
    ASSERT_EQ(parse_json((*seen)[i].raw).value(), value) << json;
    ASSERT_TRUE(!value.is_string() || (*seen)[i].text == value.as_string()) << json;
  }
}

TEST(JsonScan, agrees_with_parse_json_on_broken_texts) {
  const std::string samples[] = {
      R"({"phenomenonTime":"2026-11-24T13:20:40Z","result":21.50,"Datastream":{"@iot.id":12345}})",
      R"({"a":[1,-2.5e3,{"b":[],"c":{}},null,true,false,"x\n\u6881\\"],"z": "梁平" , "d":0})",
      "{\"a\" :\t{\"b\":{\"c\":[[[{}]]]}},\r\n\"e\":\"\\ud83c\\udf0a\",\"f\":1E-5}",
  };
  const std::string_view pieces[] = {
      "{",       "}",      "[",    "]",  ",",  ":",     "\"",    "\\",   "0",    "1",
      "-",       ".",      "e",    " ",  "\n", "\0"sv,  "a",     "\x0c", "\xe6", "\\u",
      "\\ud800", "\"a\":", "null", "tr", "{}", "[1,2]", "\"b\"", "\x1a", "/"};
  JsonScanner scanner;
  Random random(6);
  for (int i = 0; i < 10'000; ++i) {
    std::string json = samples[random.below(std::size(samples))];
    for (uint64_t changes = random.below(3); changes-- > 0;) {
      const size_t at = random.below(json.size() + 1);
      json.replace(at, random.below(3), pieces[random.below(std::size(pieces))]);
    }
    expect_agreement(scanner, json);
    if (HasFatalFailure()) return;
  }
}

TEST(JsonScan, agrees_with_parse_json_on_cut_texts) {
  const std::string json =
      R"({"a":"b\u6881","c":[{"d":-1.5e+7},true,null],"梁":{"":false}, "e" : "\\" })";
  JsonScanner scanner;
  for (size_t length = 0; length <= json.size(); ++length) {
    expect_agreement(scanner, json.substr(0, length));
    expect_agreement(scanner, json.substr(length));
  }
}

// What a visitor was told, as one text.
Status tell_groups(JsonScanner& scanner, const std::string& json, std::string& told, bool ready) {
  GroupVisitor visitor;
  visitor.begin = [&told]() -> Status {
    told += '<';
    return {};
  };
  visitor.member = [&told](std::string_view name, const ScannedValue& value) -> Status {
    told += fmt::format("{}={};", name, value.raw);
    return {};
  };
  visitor.ready = [ready] { return ready; };
  visitor.row = [&told](std::span<const ScannedValue> cells) -> Status {
    for (const ScannedValue& cell : cells) told += fmt::format("{}|", cell.raw);
    told += '.';
    return {};
  };
  visitor.end = [&told]() -> Status {
    told += '>';
    return {};
  };
  return scanner.scan_groups(json, "rows", visitor);
}

TEST(JsonScan, visits_groups_of_rows) {
  JsonScanner scanner;
  const std::string json =
      R"( [ {"a":1, "rows":[ [1.0, "x\n"] , [], [[2],{"rows":[3]}] ], "b":[[4]]}, {"rows":[]} ] )";
  std::string told;
  ASSERT_TRUE(tell_groups(scanner, json, told, true).ok());
  EXPECT_EQ(told, R"(<a=1;1.0|"x\n"|..[2]|{"rows":[3]}|.b=[[4]];><>)");
  told.clear();
  ASSERT_TRUE(tell_groups(scanner, json, told, false).ok());
  EXPECT_EQ(told, R"(<a=1;rows=[ [1.0, "x\n"] , [], [[2],{"rows":[3]}] ];b=[[4]];><rows=[];>)");
  told.clear();
  ASSERT_TRUE(tell_groups(scanner, "[]", told, true).ok());
  EXPECT_EQ(told, "");
}

TEST(JsonScan, refuses_groups_that_are_none) {
  JsonScanner scanner;
  for (const char* json :
       {"{}", "[1]", "[{},2]", R"([{"rows":1}])", R"([{"rows":[1]}])", R"([{"rows":[[1]]})",
        R"([{"rows":[[1]]}] 2)", R"([{"rows":[[01]]}])", R"([{"a":1,"a":2}])",
        R"([{"rows":[[{"a":1,"a":2}]]}])", "", "[", R"([{"rows":[[1,]]}])"}) {
    std::string told;
    const Status said = tell_groups(scanner, json, told, true);
    ASSERT_FALSE(said.ok()) << json << told;
    EXPECT_EQ(said.error().code, Code::bad_input);
  }
}

TEST(JsonScan, visits_rows_alone) {
  JsonScanner scanner;
  std::string told;
  const auto row = [&told](std::span<const ScannedValue> cells) -> Status {
    if (cells.empty()) return Error{Code::conflict, "An empty row.", ""};
    for (const ScannedValue& cell : cells) told += fmt::format("{}|", cell.raw);
    return {};
  };
  EXPECT_TRUE(scanner.scan_rows("[[1,2],[3]]", row).ok());
  EXPECT_EQ(told, "1|2|3|");
  EXPECT_EQ(scanner.scan_rows("[[1],[]]", row).error().code, Code::conflict);
  EXPECT_EQ(scanner.scan_rows("[[1],2]", row).error().code, Code::bad_input);
  EXPECT_EQ(scanner.scan_rows("{}", row).error().code, Code::bad_input);
}

// What is accepted must be what parse_json accepts.
TEST(JsonScan, groups_agree_with_parse_json_on_broken_texts) {
  const std::string sample =
      R"([{"a":"b","rows":[["2026-11-24",21.50,{"c":[1]}],["x\n\u6881",-1e3,null]]},{"rows":[]}])";
  const std::string_view pieces[] = {"{",    "}",      "[",  "]",     ",",    ":",   "\"",
                                     "\\",   "0",      "1",  "-",     ".",    "e",   " ",
                                     "null", "\"a\":", "{}", "[1,2]", "\x1a", "\xe6"};
  JsonScanner scanner;
  Random random(7);
  for (int i = 0; i < 10'000; ++i) {
    std::string json = sample;
    for (uint64_t changes = random.below(3); changes-- > 0;) {
      const size_t at = random.below(json.size() + 1);
      json.replace(at, random.below(3), pieces[random.below(std::size(pieces))]);
    }
    std::string told;
    const bool seen = tell_groups(scanner, json, told, true).ok();
    const auto parsed = parse_json(json);
    ASSERT_TRUE(!seen || parsed.ok()) << json;
    const bool fits =
        parsed.ok() && parsed->is_array() &&
        std::ranges::all_of(parsed->items(), [](const Json& group) {
          if (!group.is_object()) return false;
          const Json* rows = group.find("rows");
          if (rows == nullptr) return true;
          return rows->is_array() &&
                 std::ranges::all_of(rows->items(), [](const Json& row) { return row.is_array(); });
        });
    ASSERT_EQ(seen, fits) << json;
  }
}

}  // namespace
}  // namespace duliang
