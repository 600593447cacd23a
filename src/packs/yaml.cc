#include "packs/yaml.h"

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <sstream>

#include "base/limits.h"
#include "base/text.h"

namespace duliang::source {
namespace {

// Builds the tree from the events of the parser. The parser cannot be stopped from here, so what
// comes behind the first mistake is read and dropped.
class TreeBuilder final : public YAML::EventHandler {
 public:
  explicit TreeBuilder(Mistake& mistake) : mistake_(mistake) {}
  Node take_root() { return std::move(root_); }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (++documents_ > 1) fail(mark, "expected one document, and here a second begins.");
  }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t) override {
    add(make(mark, Node::Kind::null));
  }
  void OnAlias(const YAML::Mark&, YAML::anchor_t) override {}  // its anchor was refused
  void OnAnchor(const YAML::Mark& mark, const std::string&) override {
    fail(mark, "an anchor (&name) is not allowed; write the value out where it is meant.");
  }
  void OnScalar(const YAML::Mark& mark, const std::string&, YAML::anchor_t,
                const std::string& value) override {
    Node node = make(mark, Node::Kind::scalar);
    node.text = value;
    add(std::move(node));
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t,
                       YAML::EmitterStyle::value) override {
    open(mark, Node::Kind::list);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t,
                  YAML::EmitterStyle::value) override {
    open(mark, Node::Kind::map);
  }
  void OnMapEnd() override { close(); }

 private:
  static int line_of(const YAML::Mark& mark) { return mark.line + 1; }
  static Node make(const YAML::Mark& mark, Node::Kind kind) {
    Node node;
    node.kind = kind;
    node.line = line_of(mark);
    return node;
  }
  void fail(const YAML::Mark& mark, std::string_view what) {
    mistake_.add(line_of(mark), "", what);
  }
  void open(const YAML::Mark& mark, Node::Kind kind) {
    if (open_.size() >= limits::kPackDepth)
      fail(mark, fmt::format("nested deeper than {} levels.", limits::kPackDepth));
    if (!mistake_.first) open_.push_back(make(mark, kind));
  }
  void close() {
    if (mistake_.first) return;
    Node node = std::move(open_.back());
    open_.pop_back();
    add(std::move(node));
  }
  void add(Node node) {
    if (mistake_.first) return;
    if (open_.empty()) {
      root_ = std::move(node);
      return;
    }
    Node& into = open_.back();
    const bool is_name = into.kind == Node::Kind::map && into.names.size() == into.items.size();
    if (is_name && node.kind != Node::Kind::scalar) {
      mistake_.add(node.line, "", "expected a word as key.");
      return;
    }
    (is_name ? into.names : into.items).push_back(std::move(node));
  }

  Mistake& mistake_;
  std::vector<Node> open_;
  Node root_;
  int documents_ = 0;
};

bool is_key(std::string_view text) {
  const auto letter = [](char c) { return c >= 'a' && c <= 'z'; };
  const auto allowed = [&](char c) { return letter(c) || (c >= '0' && c <= '9') || c == '-'; };
  return !text.empty() && letter(text.front()) && std::all_of(text.begin(), text.end(), allowed);
}

}  // namespace

Result<Node> parse_yaml(const std::string& file, std::string_view content) {
  Mistake mistake{file, {}};
  if (!is_utf8(content)) {
    mistake.add(1, "", "expected text in UTF-8.");
    return *mistake.first;
  }
  TreeBuilder builder(mistake);
  try {
    std::istringstream stream{std::string(content)};
    YAML::Parser parser(stream);
    while (!mistake.first && parser.HandleNextDocument(builder)) {
    }
  } catch (const YAML::Exception& exception) {
    mistake.add(exception.mark.line + 1, "", fmt::format("not YAML: {}.", exception.msg));
  }
  TRY_DO(mistake.status());
  return builder.take_root();
}

Node node_of(const Json& json) {
  Node node;
  if (json.is_object()) {
    node.kind = Node::Kind::map;
    for (const JsonMember& member : json.members()) {
      node.names.push_back(node_of(Json(member.first)));
      node.items.push_back(node_of(member.second));
    }
  } else if (json.is_array()) {
    node.kind = Node::Kind::list;
    for (const Json& item : json.items()) node.items.push_back(node_of(item));
  } else if (!json.is_null()) {
    node.kind = Node::Kind::scalar;
    node.text = json.is_string() ? json.as_string() : json.dump();
  }
  return node;
}

void Mistake::add(int line, std::string_view path, std::string_view what) {
  if (first) return;
  const std::string place =
      file.empty() ? std::string(path) : fmt::format("{}:{}", file, std::max(line, 1));
  std::string message;
  if (!file.empty()) message = place + ": ";
  if (!path.empty()) message += fmt::format("{}: ", path);
  first = Error{Code::bad_input, message.append(what), place};
}

void Field::expect_keys(std::initializer_list<std::string_view> known) const {
  if (!is_map())
    return fail(fmt::format("expected a map of {}.", fmt::join(known, ", ")));
  const std::vector<std::string> words(known.begin(), known.end());
  std::vector<std::string_view> seen;
  for (const Node& name : node_->names) {
    const Field field = Field(&name, name.line, mistake_, at(name.text).path_);
    if (std::find(words.begin(), words.end(), name.text) == words.end())
      return field.fail(fmt::format("unknown key; {}expected {}.", did_you_mean(name.text, words),
                                    fmt::join(words, ", ")));
    if (std::find(seen.begin(), seen.end(), name.text) != seen.end())
      return field.fail("the same key stands here twice.");
    seen.push_back(name.text);
  }
}

Field Field::at(std::string_view name) const {
  const std::string path = path_.empty() ? std::string(name) : fmt::format("{}.{}", path_, name);
  if (is_map())
    for (size_t i = 0; i < node_->names.size(); ++i)
      if (node_->names[i].text == name)
        return Field(&node_->items[i], node_->items[i].line, mistake_, path);
  return Field(nullptr, line_, mistake_, path);
}

std::vector<Field> Field::items() const {
  std::vector<Field> fields;
  if (!present()) return fields;
  if (node_->kind != Node::Kind::list) {
    fail("expected a list.");
    return fields;
  }
  for (size_t i = 0; i < node_->items.size(); ++i) {
    const Node& item = node_->items[i];
    fields.push_back(Field(&item, item.line, mistake_, fmt::format("{}[{}]", path_, i)));
  }
  return fields;
}

std::string Field::text() const {
  if (!present()) return fail("missing; expected a text."), std::string();
  if (node_->kind != Node::Kind::scalar || trim(node_->text).empty())
    return fail("expected a text."), std::string();
  if (node_->text.size() > limits::kFilterBytes)
    return fail(fmt::format("longer than {} bytes.", limits::kFilterBytes)), std::string();
  return node_->text;
}

std::string Field::key() const {
  const std::string value = text();
  if (value.empty()) return value;
  if (value.size() > limits::kNameBytes || !is_key(value))
    fail(
        fmt::format("{} is no key; expected small letters, digits and hyphens, such as "
                    "\"water-level\".",
                    quoted(value)));
  return value;
}

Words Field::words() const {
  if (!present()) return fail("missing; expected {zh: …, en: …}."), Words();
  if (node_->kind != Node::Kind::map) return fail("expected {zh: …, en: …}."), Words();
  expect_keys({"zh", "en"});
  Words words{at("zh").text(), at("en").text()};
  for (const std::string* word : {&words.zh, &words.en})
    if (word->size() > limits::kNameBytes)
      fail(fmt::format("longer than {} bytes.", limits::kNameBytes));
  return words;
}

int64_t Field::integer(int64_t least, int64_t most) const {
  const std::optional<int64_t> value =
      present() && node_->kind == Node::Kind::scalar ? parse_integer(node_->text) : std::nullopt;
  if (value && *value >= least && *value <= most) return *value;
  fail(fmt::format("expected a whole number from {} to {}.", least, most));
  return least;
}

double Field::number(double least, double most) const {
  const std::optional<double> value =
      present() && node_->kind == Node::Kind::scalar ? parse_double(node_->text) : std::nullopt;
  if (value && *value >= least && *value <= most) return *value;
  fail(fmt::format("expected a number from {} to {}.", least, most));
  return least;
}

std::string Field::one_of(const std::vector<std::string>& known, std::string_view what) const {
  const std::string value = text();
  if (!value.empty() && std::find(known.begin(), known.end(), value) == known.end())
    fail(fmt::format("{} is not {}; {}expected {}.", quoted(value), what,
                     did_you_mean(value, known), fmt::join(known, ", ")));
  return value;
}

std::optional<Expression> Field::expression() const {
  const std::string value = text();
  if (value.empty()) return std::nullopt;
  Result<Expression> parsed = parse_expression(value);
  if (parsed.ok()) return std::move(*parsed);
  fail(fmt::format("expected an expression: {}", parsed.error().message));
  return std::nullopt;
}

bool Field::flag() const {
  if (!present()) return false;
  if (node_->kind != Node::Kind::scalar || (node_->text != "true" && node_->text != "false"))
    fail("expected true or false.");
  return node_->text == "true";
}

Duration Field::duration() const {
  if (!present()) return Duration(0);
  const Result<Duration> value = parse_duration(node_->text);
  const bool whole = value.ok() && *value % std::chrono::milliseconds(1) == Duration(0);
  if (whole && *value >= Duration(0) && *value <= limits::kPackDuration) return *value;
  fail(fmt::format("expected a time such as 90s, 10m or 2h, at most {} days.",
                   limits::kPackDuration.count() / 24));
  return Duration(0);
}

void Unique::add(const Field& field, const std::string& text) {
  if (text.empty()) return;  // a mistake already
  for (const auto& [other, line] : seen_)
    if (other == text)
      return field.fail(fmt::format("{} stands already in line {}.", quoted(text), line));
  seen_.emplace_back(text, field.line());
}

std::string did_you_mean(std::string_view word, const std::vector<std::string>& known) {
  const std::string near = nearest(word, known);
  return near.empty() ? near : fmt::format("did you mean {}? ", quoted(near));
}

void put(Json& json, std::string_view name, const std::string& text) {
  if (!text.empty()) json[name] = Json(text);
}

void put(Json& json, std::string_view name, const Words& words) {
  if (words.zh.empty() && words.en.empty()) return;
  Json pair = Json::object();
  pair["zh"] = Json(words.zh);
  pair["en"] = Json(words.en);
  json[name] = std::move(pair);
}

void put(Json& json, std::string_view name, Duration duration) {
  using std::chrono::milliseconds;
  if (duration == Duration(0)) return;
  const int64_t count = std::chrono::duration_cast<milliseconds>(duration).count();
  json[name] =
      Json(count % 1000 == 0 ? fmt::format("{}s", count / 1000) : fmt::format("{}ms", count));
}

void put(Json& json, std::string_view name, bool flag) {
  if (flag) json[name] = Json(true);
}

}  // namespace duliang::source
