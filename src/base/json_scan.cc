#include "base/json_scan.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <cstring>

#include "base/json.h"
#include "base/limits.h"
#include "base/text.h"

namespace duliang {

namespace {

namespace ondemand = simdjson::ondemand;
using Kind = ScannedValue::Kind;
using Member = std::function<Status(std::string_view, const ScannedValue&)>;
using RowVisitor = std::function<Status(std::span<const ScannedValue>)>;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

const char* skip_digits(const char* at, const char* end) {
  while (at != end && is_digit(*at)) ++at;
  return at;
}

// The grammar of RFC 8259, section 6; and the number must fit a double, as parse_json has it.
bool is_json_number(std::string_view text) {
  const char* at = text.data();
  const char* const end = at + text.size();
  if (at != end && *at == '-') ++at;
  if (at == end || !is_digit(*at)) return false;
  at = *at == '0' ? at + 1 : skip_digits(at, end);
  if (at != end && *at == '.') {
    const char* const fraction = at + 1;
    at = skip_digits(fraction, end);
    if (at == fraction) return false;
  }
  bool fits = text.size() < 300;
  if (at != end && (*at == 'e' || *at == 'E')) {
    ++at;
    if (at != end && (*at == '+' || *at == '-')) ++at;
    const char* const exponent = at;
    at = skip_digits(exponent, end);
    if (at == exponent) return false;
    fits = false;
  }
  return at == end && (fits || parse_double(text).has_value());
}

std::string_view without_space_behind(std::string_view text) {
  while (!text.empty() &&
         (text.back() == ' ' || text.back() == '\n' || text.back() == '\r' || text.back() == '\t'))
    text.remove_suffix(1);
  return text;
}

bool has_backslash(std::string_view text) {
  return std::memchr(text.data(), '\\', text.size()) != nullptr;
}

// One walk through a document. Each function is false where the text is not accepted; which fault
// it has is found out afterwards, by the reader that is slow and says so exactly.
class Walk {
 public:
  Walk(ondemand::document& document, std::vector<std::string_view>& names,
       std::vector<ScannedValue>& cells, const char* end)
      : document_(document), names_(names), cells_(cells), end_(end) {
    names_.clear();
  }

  // The outermost object; `said` gets the error of a member function, which ends the walk.
  bool outermost(ondemand::object object, const Member& member, Status& said) {
    for (auto each : object) {
      ondemand::field field;
      std::string_view name;
      ScannedValue value;
      if (std::move(each).get(field) != simdjson::SUCCESS) return false;
      if (!read_name(field, 0, name)) return false;
      if (!read(field.value(), 1, value)) return false;
      said = member(name, value);
      if (!said.ok()) return true;
    }
    return names_differ(0) && at_end();
  }

  bool groups(ondemand::array array, std::string_view rows_name, const GroupVisitor& visitor,
              Status& said) {
    for (auto each : array) {
      ondemand::value item;
      ondemand::object object;
      if (each.get(item) != simdjson::SUCCESS) return false;
      if (item.get_object().get(object) != simdjson::SUCCESS) return false;
      said = visitor.begin();
      if (said.ok() && !group(object, rows_name, visitor, said)) return false;
      if (said.ok()) said = visitor.end();
      if (!said.ok()) return true;
    }
    return at_end();
  }

  bool outermost_rows(ondemand::array array, const RowVisitor& visitor, Status& said) {
    return rows(array, 1, visitor, said) && (!said.ok() || at_end());
  }

 private:
  bool group(ondemand::object object, std::string_view rows_name, const GroupVisitor& visitor,
             Status& said) {
    for (auto each : object) {
      ondemand::field field;
      std::string_view name;
      if (std::move(each).get(field) != simdjson::SUCCESS) return false;
      if (!read_name(field, 0, name)) return false;
      if (name == rows_name && visitor.ready()) {
        ondemand::array array;
        if (field.value().get_array().get(array) != simdjson::SUCCESS) return false;
        if (!rows(array, 3, visitor.row, said)) return false;
      } else {
        ScannedValue value;
        if (!read(field.value(), 2, value)) return false;
        said = visitor.member(name, value);
      }
      if (!said.ok()) return true;
    }
    const bool differ = names_differ(0);
    names_.clear();
    return differ;
  }

  bool rows(ondemand::array array, size_t depth, const RowVisitor& visitor, Status& said) {
    for (auto each : array) {
      ondemand::value item;
      ondemand::array row;
      if (each.get(item) != simdjson::SUCCESS) return false;
      if (item.get_array().get(row) != simdjson::SUCCESS) return false;
      cells_.clear();
      for (auto cell : row) {
        ondemand::value value;
        if (cell.get(value) != simdjson::SUCCESS) return false;
        if (!read(value, depth + 1, cells_.emplace_back())) return false;
      }
      said = visitor(cells_);
      if (!said.ok()) return true;
    }
    return true;
  }

  bool read(ondemand::value value, size_t depth, ScannedValue& out) {
    const std::string_view token = without_space_behind(value.raw_json_token());
    out.raw = out.text = token;
    if (token.empty()) return false;
    switch (token.front()) {
      case '"':
        return read_string(value, out);
      case '{':
        out.kind = Kind::object;
        return depth < limits::kJsonDepth && read_object(value, depth + 1) && end_at_next(out);
      case '[':
        out.kind = Kind::array;
        return depth < limits::kJsonDepth && read_array(value, depth + 1) && end_at_next(out);
      case 't':
      case 'f':
        out.kind = Kind::boolean;
        return token == "true" || token == "false";
      case 'n':
        out.kind = Kind::null;
        return token == "null";
      default:
        out.kind = Kind::number;
        return is_json_number(token);
    }
  }

  static bool read_string(ondemand::value value, ScannedValue& out) {
    out.kind = Kind::string;
    if (out.raw.size() < 2 || out.raw.back() != '"') return false;
    out.text = out.raw.substr(1, out.raw.size() - 2);
    if (!has_backslash(out.text)) {
      // Left alone, the value would be skipped with less care than when it is taken.
      ondemand::raw_json_string taken;
      return value.get_raw_json_string().get(taken) == simdjson::SUCCESS;
    }
    // The library lets a low surrogate stand alone.
    return value.get_string().get(out.text) == simdjson::SUCCESS && is_utf8(out.text);
  }

  bool read_object(ondemand::value value, size_t depth) {
    ondemand::object object;
    if (value.get_object().get(object) != simdjson::SUCCESS) return false;
    const size_t first = names_.size();
    for (auto each : object) {
      ondemand::field field;
      std::string_view name;
      ScannedValue inner;
      if (std::move(each).get(field) != simdjson::SUCCESS) return false;
      if (!read_name(field, first, name)) return false;
      if (!read(field.value(), depth, inner)) return false;
    }
    const bool differ = names_differ(first);
    names_.resize(first);
    return differ;
  }

  bool read_array(ondemand::value value, size_t depth) {
    ondemand::array array;
    if (value.get_array().get(array) != simdjson::SUCCESS) return false;
    for (auto each : array) {
      ondemand::value item;
      ScannedValue inner;
      if (each.get(item) != simdjson::SUCCESS || !read(item, depth, inner)) return false;
    }
    return true;
  }

  // Reads a name and puts it to those of this object, which begin at `first`.
  bool read_name(ondemand::field& field, size_t first, std::string_view& name) {
    const char* const begin = field.key().raw();
    const char* at = begin;
    while (at != end_ && *at != '"' && *at != '\\') ++at;
    if (at == end_) return false;
    name = {begin, static_cast<size_t>(at - begin)};
    if (*at == '\\') {
      if (field.unescaped_key().get(name) != simdjson::SUCCESS || !is_utf8(name)) return false;
    }
    if (names_.size() - first < kFewMembers) {
      for (size_t i = first; i < names_.size(); ++i)
        if (names_[i] == name) return false;
    }
    names_.push_back(name);
    return true;
  }

  bool names_differ(size_t first) {
    if (names_.size() - first <= kFewMembers) return true;
    const auto begin = names_.begin() + static_cast<std::ptrdiff_t>(first);
    std::sort(begin, names_.end());
    return std::adjacent_find(begin, names_.end()) == names_.end();
  }

  // A container that was walked through ends before the token that comes next.
  bool end_at_next(ScannedValue& out) {
    const char* next = nullptr;
    if (document_.current_location().get(next) != simdjson::SUCCESS) return false;
    const char* const begin = out.raw.data();
    out.raw = without_space_behind({begin, static_cast<size_t>(next - begin)});
    out.text = {};
    return true;
  }

  bool at_end() {
    const char* next = nullptr;
    return document_.current_location().get(next) == simdjson::OUT_OF_BOUNDS;
  }

  ondemand::document& document_;
  std::vector<std::string_view>& names_;
  std::vector<ScannedValue>& cells_;
  const char* end_;
};

// `expected`: what the whole should be, where it is JSON but not that.
Status refused(std::string_view json, std::string_view expected) {
  const Result<Json> parsed = parse_json(json);
  if (!parsed.ok()) return parsed.error();
  return json_error(json, 0, fmt::format("expected {}", expected));
}

}  // namespace

struct JsonScanner::Buffers {
  ondemand::parser parser;
  std::unique_ptr<char[]> padded;  // the library reads a little beyond the end
  std::vector<std::string_view> names;
  std::vector<ScannedValue> cells;

  bool reserve(size_t size) {
    if (padded != nullptr && size <= parser.capacity()) return true;
    size_t capacity = 4096;
    while (capacity < size) capacity *= 2;
    padded = std::make_unique<char[]>(capacity + simdjson::SIMDJSON_PADDING);
    return parser.allocate(capacity, 2 * limits::kJsonDepth) == simdjson::SUCCESS;
  }
  template <typename Outermost, typename WalkOn>
  Status walk(std::string_view json, std::string_view expected, WalkOn walk_on);
};

JsonScanner::JsonScanner() : buffers_(std::make_unique<Buffers>()) {}
JsonScanner::~JsonScanner() = default;

void JsonScanner::copy(std::string_view json) {
  CHECK(buffers_->reserve(json.size()), "memory for the JSON scanner");
  char* const padded = buffers_->padded.get();
  std::copy(json.begin(), json.end(), padded);
  std::memset(padded + json.size(), 0, simdjson::SIMDJSON_PADDING);
}

// `Outermost` is the kind that the document should be; `walk_on(walk, outermost, said)` visits it.
template <typename Outermost, typename WalkOn>
Status JsonScanner::Buffers::walk(std::string_view json, std::string_view expected,
                                  WalkOn walk_on) {
  char* const begin = padded.get();
  const size_t allocated = json.size() + simdjson::SIMDJSON_PADDING;
  ondemand::document document;
  Outermost outermost;
  if (parser.iterate(begin, json.size(), allocated).get(document) != simdjson::SUCCESS ||
      document.get(outermost) != simdjson::SUCCESS)
    return refused(json, expected);
  Status said;
  Walk each(document, names, cells, begin + json.size());
  if (!walk_on(each, outermost, said)) return refused(json, expected);
  return said;
}

Status JsonScanner::scan(std::string_view json, const Member& member) {
  copy(json);
  return buffers_->walk<ondemand::object>(json, "an object",
                                          [&](Walk& walk, ondemand::object object, Status& said) {
                                            return walk.outermost(object, member, said);
                                          });
}

Status JsonScanner::scan_groups(std::string_view json, std::string_view rows,
                                const GroupVisitor& visitor) {
  copy(json);
  return buffers_->walk<ondemand::array>(
      json, fmt::format("an array of objects, {} an array of arrays", rows),
      [&](Walk& walk, ondemand::array array, Status& said) {
        return walk.groups(array, rows, visitor, said);
      });
}

Status JsonScanner::scan_rows(std::string_view json, const RowVisitor& row) {
  copy(json);
  return buffers_->walk<ondemand::array>(json, "an array of arrays",
                                         [&](Walk& walk, ondemand::array array, Status& said) {
                                           return walk.outermost_rows(array, row, said);
                                         });
}

}  // namespace duliang
