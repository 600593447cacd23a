// What can go wrong and be acted on by a caller is a value: Result<T> holds a T or an Error. Status
// is Result<void>. TRY hands an error up to the caller; nothing in this project throws.
//
//   Result<Row> read(...) {
//     TRY(auto text, file.read());     // declares text, or returns the error
//     TRY_DO(check(text));             // for a Status
//     return parse(text);
//   }
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "base/check.h"

namespace duliang {

// The kinds of failure a caller may tell apart. base/result.cc has the one table that gives each
// its status in HTTP and its text in both languages.
enum class Code : unsigned char {
  bad_input,    // the request is wrong; the same request will fail again            400
  forbidden,    // this actor may not do this                                       403
  not_found,    // what was named does not exist                                    404
  conflict,     // it exists, but its present state does not allow this             409
  too_large,    // above a named limit                                              413
  too_many,     // a queue is full; the same request may pass later                 429
  unsupported,  // a part of a standard that is not offered                         501
  unavailable,  // the program cannot do this now                                   503
  no_room,      // the disk is nearly full; the same request may pass later         507
  io,           // the machine failed: disk, file, socket                           500
  corrupt,      // bytes that were written by us do not check                       500
  outdated,     // it has changed since the version that If-Match names             412
};

struct Error {
  Code code = Code::bad_input;
  std::string message;  // a whole sentence in English, without secrets: what, and what was expected
  std::string field;    // the field, option or file that is meant; may be empty
};

// Of what we wrote and cannot read again: a file's part, a column, a record.
inline Error corrupt(std::string message) { return {Code::corrupt, std::move(message), ""}; }

struct CodeInfo {
  int http_status;
  const char* name;  // stable, for clients: "bad_input"
  const char* zh;
  const char* en;
};
const CodeInfo& info(Code code);

template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : held_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : held_(std::in_place_index<1>, std::move(error)) {}

  bool ok() const { return held_.index() == 0; }
  explicit operator bool() const { return ok(); }

  T& value() & { return CHECK_ok(), std::get<0>(held_); }
  const T& value() const& { return CHECK_ok(), std::get<0>(held_); }
  // By value, so that `for (auto& each : list().value())` does not outlive what it runs over.
  T value() && { return CHECK_ok(), std::get<0>(std::move(held_)); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  const Error& error() const& { return std::get<1>(held_); }
  Error&& error() && { return std::get<1>(std::move(held_)); }

 private:
  void CHECK_ok() const {
    if (!ok()) [[unlikely]]
      check_failed("Result::ok()", __FILE__, __LINE__, error().message);
  }
  std::variant<T, Error> held_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : error_(std::move(error)) {}
  bool ok() const { return !error_.has_value(); }
  explicit operator bool() const { return ok(); }
  const Error& error() const& { return *error_; }
  Error&& error() && { return std::move(*error_); }

 private:
  std::optional<Error> error_;
};

using Status = Result<void>;

}  // namespace duliang

#define DULIANG_JOIN_(a, b) a##b
#define DULIANG_JOIN(a, b) DULIANG_JOIN_(a, b)
#define DULIANG_TRY_(temporary, declaration, ...)                  \
  auto temporary = (__VA_ARGS__);                                  \
  if (!temporary.ok()) [[unlikely]]                                \
    return std::move(temporary).error();                           \
  declaration = std::move(temporary).value()
// TRY(auto x, expression): declares x with the value, or returns the error from this function.
#define TRY(declaration, ...) \
  DULIANG_TRY_(DULIANG_JOIN(try_result_, __LINE__), declaration, __VA_ARGS__)
// TRY_DO(expression): for a Status; returns the error from this function.
#define TRY_DO(...)                                                              \
  do {                                                                           \
    if (auto try_status = (__VA_ARGS__); !try_status.ok()) [[unlikely]]          \
      return std::move(try_status).error();                                      \
  } while (false)
