#include "tests/tidy/source.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace duliang {
namespace {

// Blanks comments and the content of texts, so that braces and words in them do not count.
class Blanker {
 public:
  std::string line(const std::string& text, bool& is_comment) {
    std::string code;
    bool any_comment = in_comment_;
    for (size_t i = 0; i < text.size(); ++i) {
      if (in_raw_) {
        const size_t end = text.find(raw_end_, i);
        if (end == std::string::npos) break;
        i = end + raw_end_.size() - 1;
        in_raw_ = false;
        code += '"';
      } else if (in_comment_) {
        const size_t end = text.find("*/", i);
        if (end == std::string::npos) break;
        i = end + 1;
        in_comment_ = false;
      } else if (text.compare(i, 2, "//") == 0) {
        any_comment = true;
        break;
      } else if (text.compare(i, 2, "/*") == 0) {
        any_comment = in_comment_ = true;
        ++i;
      } else if (text.compare(i, 2, "R\"") == 0 &&
                 (i == 0 || !std::isalnum(static_cast<unsigned char>(text[i - 1])))) {
        const size_t open = text.find('(', i);
        raw_end_ = ")" + text.substr(i + 2, open - i - 2) + "\"";
        in_raw_ = true;
        code += '"';
        i = open;
      } else if (text[i] == '"' || (text[i] == '\'' && !digit_separator(text, i))) {
        const char quote = text[i];
        code += quote;
        for (++i; i < text.size() && text[i] != quote; ++i) {
          if (text[i] == '\\') ++i;
        }
        code += quote;
      } else {
        code += text[i];
      }
    }
    is_comment = any_comment && code.find_first_not_of(" \t") == std::string::npos;
    return code;
  }

 private:
  static bool digit_separator(const std::string& text, size_t i) {
    return i > 0 && i + 1 < text.size() && std::isxdigit(static_cast<unsigned char>(text[i - 1])) &&
           std::isxdigit(static_cast<unsigned char>(text[i + 1]));
  }
  bool in_comment_ = false;
  bool in_raw_ = false;
  std::string raw_end_;
};

bool starts_with_word(const std::string& text, std::initializer_list<const char*> words) {
  const size_t begin = text.find_first_not_of(" \t\n");
  if (begin == std::string::npos) return false;
  for (const std::string word : words) {
    if (text.compare(begin, word.size(), word) != 0) continue;
    const char after = begin + word.size() < text.size() ? text[begin + word.size()] : ' ';
    if (!std::isalnum(static_cast<unsigned char>(after)) && after != '_') return true;
  }
  return false;
}

size_t count_parameters(const std::string& head, size_t open) {
  int depth = 0;
  size_t commas = 0;
  bool any = false;
  for (size_t i = open; i < head.size(); ++i) {
    const char c = head[i];
    if (c == '(' || c == '<' || c == '{' || c == '[') ++depth;
    if (c == ')' || c == '>' || c == '}' || c == ']') {
      if (--depth == 0) break;
    }
    if (depth >= 1 && i > open && !std::isspace(static_cast<unsigned char>(c))) any = true;
    if (c == ',' && depth == 1) ++commas;
  }
  return any ? commas + 1 : 0;
}

// Finds functions by their braces: a '{' whose statement has brackets and is no control statement.
class FunctionFinder {
 public:
  explicit FunctionFinder(Source& source) : source_(source) {}

  void find() {
    for (size_t number = 0; number < source_.code.size(); ++number) {
      const std::string& line = source_.code[number];
      if (line.starts_with('#')) continue;
      for (const char c : line) character(c, number + 1);
      statement_ += '\n';
    }
  }

 private:
  void character(char c, size_t line) {
    if (c == '{') {
      open(line);
    } else if (c == '}') {
      close(line);
    } else if (c == ';' && brackets_ == 0) {
      statement_.clear();
    } else {
      if (c == '(') ++brackets_;
      if (c == ')') --brackets_;
      statement_ += c;
    }
  }

  void open(size_t line) {
    ++depth_;
    const size_t bracket = statement_.find('(');
    const bool function =
        !inside_ && brackets_ == 0 && bracket != std::string::npos &&
        !starts_with_word(statement_, {"namespace", "class", "struct", "enum", "if", "for", "while",
                                       "switch", "do", "else", "catch"}) &&
        statement_.substr(0, bracket).find('=') == std::string::npos;
    if (function) {
      inside_ = true;
      function_depth_ = depth_;
      const size_t end = statement_.find_last_not_of(" \n", bracket - 1);
      size_t begin = statement_.find_last_of(" \n*&", end);
      begin = begin == std::string::npos ? 0 : begin + 1;
      source_.functions.push_back({statement_.substr(begin, end + 1 - begin), line, 0,
                                   count_parameters(statement_, bracket)});
    }
    if (brackets_ == 0) statement_.clear();
  }

  void close(size_t line) {
    if (inside_ && depth_ == function_depth_) {
      inside_ = false;
      source_.functions.back().lines = line - source_.functions.back().line + 1;
    }
    --depth_;
    if (brackets_ == 0) statement_.clear();
  }

  Source& source_;
  std::string statement_;
  int depth_ = 0;
  int brackets_ = 0;
  bool inside_ = false;
  int function_depth_ = 0;
};

}  // namespace

Source read_source(const std::string& path) {
  Source source;
  source.path = path;
  if (path.starts_with("src/")) source.room = path.substr(4, path.find('/', 4) - 4);
  std::ifstream file(path);
  Blanker blanker;
  for (std::string line; std::getline(file, line);) {
    bool is_comment = false;
    source.code.push_back(blanker.line(line, is_comment));
    if (is_comment) ++source.comment_lines;
    if (line.starts_with("#include \"")) {
      source.includes.push_back(line.substr(10, line.rfind('"') - 10));
    }
    source.lines.push_back(std::move(line));
  }
  FunctionFinder(source).find();
  return source;
}

std::vector<Source> read_sources(const std::vector<std::string>& folders) {
  std::vector<std::string> paths;
  for (const std::string& folder : folders) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
      const auto ending = entry.path().extension();
      if (ending == ".cc" || ending == ".h") paths.push_back(entry.path().generic_string());
    }
  }
  std::sort(paths.begin(), paths.end());
  std::vector<Source> sources;
  for (const std::string& path : paths) sources.push_back(read_source(path));
  return sources;
}

}  // namespace duliang
