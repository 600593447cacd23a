// The rules of STYLE.md that a program can check, and the figures by which the manner of a code
// base shows. An exception stands in exceptions.txt with its reason; there is none without.
#include <gtest/gtest.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "base/json.h"
#include "base/os/os_files.h"
#include "base/text.h"
#include "tests/tidy/source.h"

namespace duliang {
namespace {

constexpr size_t kFileLines = 500;
constexpr size_t kFunctionLines = 70;
constexpr size_t kParameters = 5;
constexpr size_t kColumns = 100;
constexpr double kExceptionShare = 0.05;

std::string content(const std::string& path) {
  OsFiles files;
  auto text = read_file(files, path);
  EXPECT_TRUE(text.ok()) << path;
  return text.ok() ? *text : "";
}

const std::vector<Source>& sources() {
  static const std::vector<Source> all = read_sources({"src", "tests", "bench", "fuzz"});
  return all;
}

bool is_test(const Source& source) {
  return source.path.ends_with("_test.cc") || source.path.find("_for_test.") != std::string::npos ||
         source.path.ends_with("crash_outcomes.h") || !source.path.starts_with("src/");
}

// "what path reason…", a line each.
std::set<std::string> exceptions(const std::string& what) {
  std::set<std::string> paths;
  std::istringstream lines(content("tests/tidy/exceptions.txt"));
  for (std::string line; std::getline(lines, line);) {
    if (line.empty() || line.starts_with('#')) continue;
    std::istringstream words(line);
    std::string kind, path, reason;
    words >> kind >> path >> reason;
    EXPECT_FALSE(reason.empty()) << "an exception without a reason: " << line;
    if (kind == what) paths.insert(path);
  }
  return paths;
}

std::map<std::string, std::set<std::string>> rooms() {
  std::map<std::string, std::set<std::string>> uses;
  std::istringstream lines(content("rooms.txt"));
  for (std::string line; std::getline(lines, line);) {
    const size_t colon = line.find(':');
    if (line.starts_with('#') || colon == std::string::npos) continue;
    std::istringstream words(line.substr(colon + 1));
    auto& used = uses[line.substr(0, colon)];
    for (std::string word; words >> word;) used.insert(word);
  }
  return uses;
}

size_t at_share(std::vector<size_t> values, double share) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  return values[std::min(values.size() - 1,
                         static_cast<size_t>(share * static_cast<double>(values.size())))];
}

// Columns as they are seen: bytes that continue a character of UTF-8 do not count.
size_t columns(const std::string& line) {
  return static_cast<size_t>(std::count_if(line.begin(), line.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  }));
}

// What a room's tests may use: what its rooms use, too.
std::set<std::string> reached(const std::map<std::string, std::set<std::string>>& uses,
                              const std::string& room) {
  std::set<std::string> all = uses.at(room);
  for (const std::string& used : uses.at(room)) all.merge(reached(uses, used));
  return all;
}

TEST(Tidy, RoomsUseWhatTheyMay) {
  const auto allowed = rooms();
  ASSERT_GT(allowed.size(), 10U);
  for (const Source& source : sources()) {
    if (source.room.empty()) continue;
    ASSERT_TRUE(allowed.contains(source.room)) << source.room << " is not in rooms.txt";
    for (const std::string& include : source.includes) {
      const std::string room = include.substr(0, include.find('/'));
      const auto may = is_test(source) ? reached(allowed, source.room) : allowed.at(source.room);
      const bool fine = room == source.room || room == "base" || may.contains(room) ||
                        (is_test(source) && include == "sqlite/vfs.h");
      EXPECT_TRUE(fine) << source.path << " includes " << include;
      if (!is_test(source) && !source.path.starts_with("src/base/sim/")) {
        EXPECT_EQ(include.find("base/sim/"), std::string::npos)
            << source.path << " uses the simulation";
      }
    }
  }
}

// Each room may use only rooms that stand above it in rooms.txt: then there can be no cycle.
TEST(Tidy, RoomsHaveNoCycles) {
  std::set<std::string> seen;
  std::istringstream lines(content("rooms.txt"));
  for (std::string line; std::getline(lines, line);) {
    const size_t colon = line.find(':');
    if (line.starts_with('#') || colon == std::string::npos) continue;
    std::istringstream words(line.substr(colon + 1));
    for (std::string word; words >> word;) EXPECT_TRUE(seen.contains(word)) << line;
    seen.insert(line.substr(0, colon));
  }
}

TEST(Tidy, FilesAreShort) {
  const auto excepted = exceptions("file");
  for (const Source& source : sources()) {
    if (excepted.contains(source.path)) {
      EXPECT_GT(source.lines.size(), kFileLines) << source.path << " needs no exception any more";
    } else {
      EXPECT_LE(source.lines.size(), kFileLines) << source.path;
    }
  }
  EXPECT_LE(static_cast<double>(excepted.size()),
            kExceptionShare * static_cast<double>(sources().size()));
}

TEST(Tidy, FunctionsAreShortAndTakeLittle) {
  const auto excepted = exceptions("function");
  for (const Source& source : sources()) {
    for (const Function& function : source.functions) {
      if (excepted.contains(source.path + ":" + function.name)) continue;
      EXPECT_LE(function.lines, kFunctionLines)
          << source.path << ":" << function.line << " " << function.name;
      EXPECT_LE(function.parameters, kParameters)
          << source.path << ":" << function.line << " " << function.name;
    }
  }
}

TEST(Tidy, LinesFitTheScreen) {
  for (const Source& source : sources()) {
    for (size_t i = 0; i < source.lines.size(); ++i) {
      EXPECT_LE(columns(source.lines[i]), kColumns) << source.path << ":" << i + 1;
    }
  }
}

TEST(Tidy, HeadersOpenWithProse) {
  for (const Source& source : sources()) {
    if (!source.path.ends_with(".h")) continue;
    ASSERT_FALSE(source.lines.empty()) << source.path;
    EXPECT_TRUE(source.lines[0].starts_with("// ") && source.lines[0].size() > 20) << source.path;
  }
}

// Words that have no place, and where they may stand all the same.
TEST(Tidy, BannedWords) {
  struct Ban {
    const char* word;
    const char* but_in;  // a path that may
    bool tests_too;
    const char* instead;
  };
  constexpr Ban kBans[] = {
      {"system_clock", "src/base/", false, "Clock"},
      {"steady_clock", "src/doors/http/", false, "Clock"},  // Asio's timers want it
      {"fopen(", "src/base/", false, "Files"},
      {"fstream", "src/base/", false, "Files"},
      {"rand()", "src/base/", true, "Random"},
      {"throw ", "", true, "Result"},
      {"delete ", "", true, "unique_ptr"},
      {"#if 0", "", true, "git"},
      {"sleep_for(", "", true, "a simulated clock"},
      {"boost/beast", "src/doors/http/", false, "doors/http"},
      {"nlohmann", "src/base/json.cc", true, "base/json.h"},
  };
  for (const Source& source : sources()) {
    if (source.path.starts_with("tests/tidy/") || source.path.starts_with("bench/")) continue;
    for (size_t i = 0; i < source.code.size(); ++i) {
      for (const Ban& ban : kBans) {
        if (source.code[i].find(ban.word) == std::string::npos) continue;
        const bool may = (*ban.but_in != 0 && source.path.starts_with(ban.but_in)) ||
                         (!ban.tests_too && is_test(source));
        EXPECT_TRUE(may) << source.path << ":" << i + 1 << " has '" << ban.word << "': use "
                         << ban.instead;
      }
      const bool to_do = source.lines[i].find(
                             "TO"
                             "DO") != std::string::npos ||
                         source.lines[i].find(
                             "FIX"
                             "ME") != std::string::npos;
      EXPECT_FALSE(to_do) << source.path << ":" << i + 1;
    }
  }
}

// Beast is large: one translation unit has it, so that nobody else pays.
TEST(Tidy, BeastStandsInOneTranslationUnit) {
  std::set<std::string> units;
  for (const Source& source : sources()) {
    for (const std::string& line : source.code) {
      if (line.starts_with("#include <boost/beast")) units.insert(source.path);
    }
  }
  EXPECT_LE(units.size(), 1U) << *units.begin() << " and others";
}

// A `new` outside a smart pointer's constructor.
TEST(Tidy, NoNakedNew) {
  for (const Source& source : sources()) {
    for (size_t i = 0; i < source.code.size(); ++i) {
      const size_t at = source.code[i].find("new ");
      if (at == std::string::npos || (at > 0 && source.code[i][at - 1] != '(')) continue;
      EXPECT_NE(source.code[i].find("_ptr<"), std::string::npos) << source.path << ":" << i + 1;
    }
  }
}

void keys_of(const Json& json, const std::string& path, std::set<std::string>& keys) {
  if (!json.is_object()) {
    keys.insert(path);
    return;
  }
  for (const auto& [name, value] : json.members()) keys_of(value, path + "." + name, keys);
}

TEST(Tidy, BothLanguagesHaveTheSameWords) {
  std::set<std::string> keys[2];
  int at = 0;
  for (const char* path : {"web/src/i18n/zh.json", "web/src/i18n/en.json"}) {
    const auto json = parse_json(content(path));
    ASSERT_TRUE(json.ok()) << path;
    keys_of(*json, "", keys[at++]);
  }
  EXPECT_EQ(keys[0], keys[1]);
  EXPECT_GT(keys[0].size(), 20U);
}

// Names of packs, rules, workflows, steps and classes are declarations: the program knows none.
TEST(Tidy, NoNameOfAPackStandsInTheProgram) {
  std::set<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator("packs")) {
    if (entry.is_directory()) names.insert(entry.path().filename().string());
    for (const char* file : {"rules.yaml", "workflows.yaml"}) {
      std::ifstream text(entry.path() / file);
      for (std::string line; std::getline(text, line);) {
        const size_t at = line.find("key: ");
        if (at == std::string::npos) continue;
        const size_t end = line.find_first_of(",} ", at + 5);
        names.insert(line.substr(at + 5, end == std::string::npos ? end : end - at - 5));
      }
    }
  }
  EXPECT_GT(names.size(), 10U);
  const auto excepted = exceptions("word");
  for (const Source& source : sources()) {
    if (source.room.empty() || is_test(source)) continue;
    for (size_t i = 0; i < source.lines.size(); ++i) {
      for (const std::string& name : names) {
        if (excepted.contains(source.path + ":" + name)) continue;
        EXPECT_EQ(source.lines[i].find('"' + name + '"'), std::string::npos)
            << source.path << ":" << i + 1 << " names '" << name << "'";
      }
    }
  }
}

TEST(Tidy, ThePlacesThatArchitectureNamesExist) {
  const std::string text = content("ARCHITECTURE.md");
  size_t found = 0;
  for (size_t at = text.find("`src/"); at != std::string::npos; at = text.find("`src/", at + 1)) {
    const std::string path = text.substr(at + 1, text.find('`', at + 1) - at - 1);
    EXPECT_TRUE(std::filesystem::exists(path)) << path;
    ++found;
  }
  EXPECT_GE(found, 12U);
}

// The figures that the anchors were measured by, for ourselves.
TEST(Tidy, Figures) {
  std::vector<size_t> files, functions;
  size_t lines = 0, comments = 0, checks = 0, long_functions = 0, wide = 0, headers = 0, prose = 0;
  for (const Source& source : sources()) {
    if (is_test(source)) continue;
    files.push_back(source.lines.size());
    lines += source.lines.size();
    comments += source.comment_lines;
    for (const std::string& line : source.code) {
      if (line.find("CHECK(") != std::string::npos) ++checks;
    }
    for (const Function& function : source.functions) {
      functions.push_back(function.lines);
      if (function.lines > kFunctionLines) ++long_functions;
      if (function.parameters > kParameters) ++wide;
    }
    if (source.path.ends_with(".h")) {
      ++headers;
      prose += source.lines.size() > 1 && source.lines[0].starts_with("// ") ? 1 : 0;
    }
  }
  ASSERT_GT(functions.size(), 100U);
  std::printf("  files %zu, lines %zu; file median %zu p90 %zu p95 %zu max %zu\n", files.size(),
              lines, at_share(files, 0.5), at_share(files, 0.9), at_share(files, 0.95),
              at_share(files, 1));
  std::printf(
      "  functions %zu; median %zu p95 %zu p99 %zu max %zu; over %zu: %zu; over %zu parameters: "
      "%zu\n",
      functions.size(), at_share(functions, 0.5), at_share(functions, 0.95),
      at_share(functions, 0.99), at_share(functions, 1), kFunctionLines, long_functions,
      kParameters, wide);
  std::printf(
      "  comments %.0f %%, headers with prose %.0f %%, CHECK per 1000 lines %.1f, rooms in a cycle "
      "0\n",
      100.0 * static_cast<double>(comments) / static_cast<double>(lines),
      100.0 * static_cast<double>(prose) / static_cast<double>(headers),
      1000.0 * static_cast<double>(checks) / static_cast<double>(lines));
}

}  // namespace
}  // namespace duliang
