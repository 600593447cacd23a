// The words of the expression language, one after the other; used by the parser alone. A path with
// its slashes is one word, a time or an interval is one literal. There is no infix minus, so a
// minus before a digit belongs to the number. What can fail is a bad_input that names the position,
// or unsupported for a kind of literal that is not offered.
#pragma once

#include <string_view>

#include "base/result.h"
#include "model/value.h"

namespace duliang {

struct Token {
  enum class Kind : uint8_t { end, word, literal, open, close, comma, minus };
  Kind kind = Kind::end;
  std::string_view text;  // as it stands; a view into the expression
  Value value;            // of a literal
  size_t position = 1;    // in characters, from 1
};

class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) {}

  Result<Token> next();
  bool opens_next() const { return comes_next('('); }  // the word before it is a function
  bool closes_next() const { return comes_next(')'); }
  // The variable of any or all, up to and with its colon, which elsewhere is part of a word.
  Result<Token> variable();

 private:
  bool comes_next(char bracket) const;
  size_t behind_spaces(size_t offset) const;
  size_t position_of(size_t offset) const;
  Result<Token> literal(Token token, size_t length, Result<Value> value);
  Result<Token> quoted_text(Token token);
  Result<Token> number(Token token);
  Result<Token> time(Token token);
  Result<Token> word(Token token);
  Result<Token> typed_literal(Token token);
  Error unexpected(size_t offset) const;

  std::string_view text_;
  size_t at_ = 0;
};

bool is_space(char c);
// bad_input: "At position 7 a value was expected, but 'and' stands there."
Error expected_at(size_t position, std::string_view what, std::string_view found);

}  // namespace duliang
