// A file of tests/questions, read: the house and the questions to it. The form is in README.md
// there. A mistake in it is told with its line.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"

namespace duliang {

struct ReadingEdit {
  bool removed = false;
  int64_t stream = 0;
  int64_t number = 0;
  std::string result;  // to which it is corrected
};

struct QuestionHouse {
  int64_t streams = 0;
  int64_t readings = 0;  // of each stream, in a part
  int64_t every_s = 0;
  std::string from;
  int64_t page_rows = 0;
  int64_t in_memory = 0;  // of each stream, behind those
  std::vector<ReadingEdit> edits;
};

struct AskedQuestion {
  std::string name;
  int line = 0;
  enum class Kind : unsigned char { get, sql };
  Kind kind = Kind::get;
  std::string text;  // the URL, or the statement
  int64_t each_from = 0;
  int64_t each_to = 0;  // 0: it is asked once
  std::vector<std::string> answer;
  std::vector<std::string> plan;
  uint64_t pages = 0;
  uint64_t rows = 0;
};

struct QuestionFile {
  QuestionHouse house;
  std::vector<AskedQuestion> questions;
};

Result<QuestionFile> read_questions(const std::string& text);

}  // namespace duliang
