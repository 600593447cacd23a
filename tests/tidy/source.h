// What the tidy test knows of a source file: its lines without comments and texts, its functions
// with length and number of parameters. A reader of text, not a compiler: it relies on the code
// being formatted.
#pragma once

#include <string>
#include <vector>

namespace duliang {

struct Function {
  std::string name;
  size_t line = 0;   // of its opening brace
  size_t lines = 0;  // from there to the closing one
  size_t parameters = 0;
};

struct Source {
  std::string path;                   // "src/base/json.cc"
  std::string room;                   // "base"; empty outside src/
  std::vector<std::string> lines;     // as they are
  std::vector<std::string> code;      // without comments and the content of texts
  std::vector<std::string> includes;  // "base/json.h"
  std::vector<Function> functions;
  size_t comment_lines = 0;
};

Source read_source(const std::string& path);
// All C++ files below the folders, sorted.
std::vector<Source> read_sources(const std::vector<std::string>& folders);

}  // namespace duliang
