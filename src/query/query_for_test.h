// A small house for the tests of questions: three stations with four streams, places, an alarm with
// a case, and readings of every kind, on a simulated disk. Readings are shown by their number in
// the order in which they came, as their ids are the series' business.
#pragma once

#include <gtest/gtest.h>

#include "base/sim/sim_files.h"
#include "query/question.h"
#include "sqlite/vfs.h"

namespace duliang {

inline constexpr Time kHouseStart = std::chrono::sys_days{std::chrono::year{2026} / 11 / 24};

// A value as a test writes it: "open", int64_t{2}, or a Value.
struct Given {
  Given(const char* text) : value(std::string(text)) {}
  Given(std::string text) : value(std::move(text)) {}
  Given(int64_t number) : value(number) {}
  Given(Value any) : value(std::move(any)) {}
  Value value;
};

class House {
 public:
  House();
  ~House();
  View view();

  void put(TypeId type, int64_t id, const std::map<std::string, Given>& values,
           const std::map<std::string, int64_t>& links = {});
  void link(TypeId owner, std::string_view relation, int64_t from, int64_t to);
  // At the hour `from` after the start, until the hour `to`.
  void read(int64_t stream, int from, int to, std::string result, int64_t feature = 1);
  void checkpoint();  // readings go from the tail to a part
  void change(const ReadingChange& change);

  std::vector<Reading> readings;
  Connection connection;

 private:
  void put_places();
  void put_streams();
  void put_case();
  void put_readings();

  SimFiles files_;
  std::unique_ptr<Series> series_;
  uint64_t sequence_ = 0;
};

// A question in words (views of the caller's), and its answer as text: "1 2 3, of 7, more"; or the
// error.
struct Asked {
  TypeId type{};
  std::string_view filter{};
  std::string_view order{};
  size_t top = 100;
  size_t skip = 0;
  bool count = false;
  bool narrow = true;
  TypeId from_type{};
  std::string_view step{};
  int64_t from = 0;
};
Result<Answer> answer_to(House& house, const Asked& asked);
std::string shown(const House& house, const Result<Answer>& answer);
inline std::string ask_in(House& house, const Asked& asked) {
  return shown(house, answer_to(house, asked));
}

}  // namespace duliang
