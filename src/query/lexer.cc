#include "query/lexer.h"

#include "base/text.h"
#include "query/lost_plus.h"

namespace duliang {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Also every byte of a character beyond ASCII, so that names may be Chinese, and `@` and `$` of
// names that a standard gives.
bool starts_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '@' || c == '$' ||
         static_cast<unsigned char>(c) >= 0x80;
}

bool continues_variable(char c) {
  return (starts_word(c) && c != '@' && c != '$') || is_digit(c);
}

bool continues_word(char c) {
  return starts_word(c) || is_digit(c) || c == '.' || c == '-' || c == '/' || c == ':';
}

bool continues_time(char c) {
  return is_digit(c) || c == 'T' || c == 'Z' || c == 't' || c == 'z' || c == ':' || c == '.' ||
         c == '-' || c == '+' || c == '/';
}

// Four digits and a minus begin a time; no number is written so.
bool begins_time(std::string_view text) {
  if (text.size() < 5 || text[4] != '-') return false;
  return std::all_of(text.begin(), text.begin() + 4, is_digit);
}

size_t digits(std::string_view text, size_t at) {
  size_t end = at;
  while (end < text.size() && is_digit(text[end])) ++end;
  return end - at;
}

// The length of the number at the beginning of `text`: -?d+(.d+)?([eE][+-]?d+)?
size_t number_length(std::string_view text) {
  size_t at = text[0] == '-' ? 1 : 0;
  at += digits(text, at);
  if (at < text.size() && text[at] == '.' && digits(text, at + 1) > 0)
    at += 1 + digits(text, at + 1);
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    const bool sign = at + 1 < text.size() && (text[at + 1] == '+' || text[at + 1] == '-');
    const size_t exponent = at + (sign ? 2 : 1);
    if (digits(text, exponent) > 0) at = exponent + digits(text, exponent);
  }
  return at;
}

// The length of the text in quotes at the beginning of `text`, with them; 0 where it does not end.
size_t quoted_length(std::string_view text) {
  for (size_t at = 1; at < text.size(); ++at) {
    if (text[at] != '\'') continue;
    if (at + 1 == text.size() || text[at + 1] != '\'') return at + 1;
    ++at;  // a doubled quote
  }
  return 0;
}

std::string unquote(std::string_view text) {
  std::string out;
  for (size_t at = 1; at + 1 < text.size(); ++at) {
    out += text[at];
    if (text[at] == '\'') ++at;
  }
  return out;
}

// The first character of `text`, whole.
std::string_view first_character(std::string_view text) {
  size_t length = 1;
  while (length < text.size() && (static_cast<unsigned char>(text[length]) & 0xc0) == 0x80)
    ++length;
  return text.substr(0, length);
}

template <typename T>
Result<Value> as_value(Result<T> result) {
  if (!result.ok()) return std::move(result).error();
  return Value{*std::move(result)};
}

}  // namespace

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

Error expected_at(size_t position, std::string_view what, std::string_view found) {
  const std::string there = found.empty() ? "the text ends" : quoted(found) + " stands";
  return {Code::bad_input,
          fmt::format("At position {} {} was expected, but {} there.", position, what, there), ""};
}

size_t Lexer::position_of(size_t offset) const {
  size_t position = 1;
  for (const char c : text_.substr(0, offset))
    if ((static_cast<unsigned char>(c) & 0xc0) != 0x80) ++position;
  return position;
}

Error Lexer::unexpected(size_t offset) const {
  return expected_at(position_of(offset), "a space, a bracket or the end",
                     first_character(text_.substr(offset)));
}

bool Lexer::comes_next(char bracket) const {
  const size_t at = behind_spaces(at_);
  return at < text_.size() && text_[at] == bracket;
}

size_t Lexer::behind_spaces(size_t offset) const {
  while (offset < text_.size() && is_space(text_[offset])) ++offset;
  return offset;
}

Result<Token> Lexer::variable() {
  at_ = behind_spaces(at_);
  size_t end = at_;
  while (end < text_.size() && continues_variable(text_[end])) ++end;
  Token token;
  token.kind = Token::Kind::word;
  token.text = text_.substr(at_, end - at_);
  token.position = position_of(at_);
  const size_t colon = behind_spaces(end);
  const bool named = !token.text.empty() && !is_digit(token.text[0]);
  if (!named || colon == text_.size() || text_[colon] != ':') {
    if (token.text.empty()) token.text = first_character(text_.substr(at_));
    return expected_at(token.position, "a variable and a colon, as d: d/name eq 'a',", token.text);
  }
  at_ = colon + 1;
  return token;
}

Result<Token> Lexer::next() {
  at_ = behind_spaces(at_);
  Token token;
  token.position = position_of(at_);
  if (at_ == text_.size()) return token;
  const std::string_view rest = text_.substr(at_);
  const char c = rest[0];
  if (c == '\'') return quoted_text(std::move(token));
  if (begins_time(rest)) return time(std::move(token));
  if (is_digit(c) || (c == '-' && rest.size() > 1 && is_digit(rest[1])))
    return number(std::move(token));
  if (starts_word(c)) return word(std::move(token));
  token.text = first_character(rest);
  switch (c) {
    case '(': token.kind = Token::Kind::open; break;
    case ')': token.kind = Token::Kind::close; break;
    case ',': token.kind = Token::Kind::comma; break;
    case '-': token.kind = Token::Kind::minus; break;
    default: return expected_at(token.position, "a value or a word", token.text);
  }
  ++at_;
  return token;
}

// Takes `length` bytes as a literal; what stands directly behind it must not run on.
Result<Token> Lexer::literal(Token token, size_t length, Result<Value> value) {
  if (!value.ok())
    return Error{value.error().code,
                 fmt::format("At position {}: {}", token.position, value.error().message), ""};
  token.kind = Token::Kind::literal;
  token.text = text_.substr(at_, length);
  token.value = *std::move(value);
  at_ += length;
  if (at_ < text_.size() && (continues_word(text_[at_]) || text_[at_] == '\''))
    return unexpected(at_);
  return token;
}

Result<Token> Lexer::quoted_text(Token token) {
  const size_t length = quoted_length(text_.substr(at_));
  if (length == 0)
    return Error{Code::bad_input,
                 fmt::format("The text that begins at position {} has no closing quote.",
                             token.position),
                 ""};
  return literal(std::move(token), length, Value{unquote(text_.substr(at_, length))});
}

Result<Token> Lexer::number(Token token) {
  const size_t length = number_length(text_.substr(at_));
  const std::string_view text = text_.substr(at_, length);
  if (const auto integer = parse_integer(text))
    return literal(std::move(token), length, Value{*integer});
  const auto decimal = parse_double(text);
  if (!decimal)
    return Error{Code::bad_input,
                 fmt::format("The number at position {} is beyond what a number can hold.",
                             token.position),
                 ""};
  return literal(std::move(token), length, Value{Decimal{*decimal, std::string(text)}});
}

Result<Token> Lexer::time(Token token) {
  const std::string_view rest = text_.substr(at_);
  size_t length = 0;
  while (length < rest.size() && (continues_time(rest[length]) || is_lost_plus(rest, length)))
    ++length;
  const std::string text = with_plus(rest.substr(0, length));
  if (text.find('/') != std::string::npos)
    return literal(std::move(token), length, as_value(parse_interval(text)));
  return literal(std::move(token), length, as_value(parse_time(text)));
}

Result<Token> Lexer::word(Token token) {
  size_t length = 0;
  while (at_ + length < text_.size() && continues_word(text_[at_ + length])) ++length;
  token.kind = Token::Kind::word;
  token.text = text_.substr(at_, length);
  at_ += length;
  if (at_ < text_.size() && text_[at_] == '\'') return typed_literal(std::move(token));
  return token;
}

// duration'PT1H'; OData has more of the kind.
Result<Token> Lexer::typed_literal(Token token) {
  if (token.text != "duration")
    return Error{Code::unsupported,
                 fmt::format("Literals of the kind {} (at position {}) are not offered.",
                             quoted(token.text), token.position),
                 ""};
  const size_t length = quoted_length(text_.substr(at_));
  if (length == 0) return quoted_text(std::move(token));  // says that the quote is missing
  const std::string text = unquote(text_.substr(at_, length));
  return literal(std::move(token), length, as_value(parse_duration(text)));
}

}  // namespace duliang
