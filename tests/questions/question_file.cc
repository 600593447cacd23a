#include "tests/questions/question_file.h"

#include <cstdio>

#include "base/text.h"

namespace duliang {
namespace {

// Takes the beginning off the line; false where it begins otherwise.
bool take(std::string_view& line, std::string_view beginning) {
  if (!line.starts_with(beginning)) return false;
  line.remove_prefix(beginning.size());
  line = trim(line);
  return true;
}

class FileReader {
 public:
  Result<QuestionFile> read(const std::string& text) {
    for (const std::string_view line : split(text, '\n')) {
      ++line_;
      if (line.starts_with('#')) continue;
      if (!take_line(line)) {
        return Error{Code::bad_input, fmt::format("Line {} is not understood: {}", line_, line),
                     ""};
      }
    }
    return std::move(file_);
  }

 private:
  bool take_line(std::string_view line) {
    if (trim(line).empty()) {
      list_ = nullptr;
      return true;
    }
    // What is indented goes on with what stands above.
    if (list_ != nullptr && line.starts_with("  ")) {
      list_->emplace_back(trim(line));
      return true;
    }
    if (statement_ != nullptr && line.starts_with("  ")) {
      *statement_ += " " + std::string(trim(line));
      return true;
    }
    list_ = nullptr;
    statement_ = nullptr;
    return take_house(line) || take_question(line);
  }

  bool take_house(std::string_view line) {
    QuestionHouse& house = file_.house;
    const std::string text(line);
    char from[40] = {};
    ReadingEdit edit;
    char result[80] = {};
    if (std::sscanf(text.c_str(),
                    "house: %ld streams, %ld readings each, every %ld s from %39[^,], pages of %ld",
                    &house.streams, &house.readings, &house.every_s, from, &house.page_rows) == 5) {
      house.from = from;
      return true;
    }
    if (std::sscanf(text.c_str(), "memory: %ld readings each", &house.in_memory) == 1) return true;
    if (std::sscanf(text.c_str(), "correct: stream %ld number %ld to %79s", &edit.stream,
                    &edit.number, result) == 3) {
      edit.result = result;
    } else if (std::sscanf(text.c_str(), "remove: stream %ld number %ld", &edit.stream,
                           &edit.number) == 2) {
      edit.removed = true;
    } else {
      return false;
    }
    house.edits.push_back(edit);
    return true;
  }

  bool take_question(std::string_view line) {
    if (take(line, "question:")) {
      file_.questions.emplace_back();
      file_.questions.back().name = line;
      file_.questions.back().line = line_;
      return true;
    }
    if (file_.questions.empty()) return false;
    AskedQuestion& question = file_.questions.back();
    const std::string text(line);
    if (std::sscanf(text.c_str(), "EACH %ld..%ld", &question.each_from, &question.each_to) == 2) {
      line = std::string_view(line).substr(line.find("GET"));
    }
    if (take(line, "GET ") || take(line, "SQL ")) {
      const bool get = text.find("GET ") < text.find("SQL ");
      question.kind = get ? AskedQuestion::Kind::get : AskedQuestion::Kind::sql;
      question.text = line;
      statement_ = &question.text;
      return true;
    }
    if (take(line, "answer:")) return begin_list(question.answer, line);
    if (take(line, "plan:")) return begin_list(question.plan, line);
    return std::sscanf(text.c_str(), "at most: %lu page%*[s,] %lu row", &question.pages,
                       &question.rows) == 2;
  }

  bool begin_list(std::vector<std::string>& list, std::string_view first) {
    if (!first.empty()) list.emplace_back(first);
    list_ = &list;
    return true;
  }

  QuestionFile file_;
  int line_ = 0;
  std::vector<std::string>* list_ = nullptr;
  std::string* statement_ = nullptr;
};

}  // namespace

Result<QuestionFile> read_questions(const std::string& text) { return FileReader().read(text); }

}  // namespace duliang
