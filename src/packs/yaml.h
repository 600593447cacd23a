// A pack file as a tree that remembers its lines, and the reader that walks it. Declarations come
// from two places, the YAML of a folder and the JSON of a ledger row; both become the same tree, so
// that one reader checks them. yaml.cc is the only user of the YAML library and catches its
// exceptions.
//
// A reader asks for what it wants and gets a default where the file is wrong; the first mistake is
// kept in Mistake, and who started the reading looks there at the end. Not for several threads.
#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "packs/pack.h"

namespace duliang::source {

struct Node {
  enum class Kind : uint8_t { null, scalar, list, map };
  Kind kind = Kind::null;
  int line = 0;             // from 1; 0 where it did not come from a file
  std::string text;         // of a scalar
  std::vector<Node> names;  // of a map: its keys, scalars
  std::vector<Node> items;  // of a list, or the values of a map
};

// One document of YAML 1.2 without aliases, so that a file means what it shows and no more.
Result<Node> parse_yaml(const std::string& file, std::string_view content);
Node node_of(const Json& json);

struct Mistake {
  std::string file;  // empty for JSON of the ledger
  std::optional<Error> first;

  void add(int line, std::string_view path, std::string_view what);
  Status status() const { return first ? Status(*first) : Status(); }
};

// A place in the tree: a node that may be absent, and the path by which a message names it.
class Field {
 public:
  Field(const Node& root, Mistake& mistake) : node_(&root), line_(root.line), mistake_(&mistake) {}

  bool present() const { return node_ != nullptr && node_->kind != Node::Kind::null; }
  bool is_map() const { return present() && node_->kind == Node::Kind::map; }
  int line() const { return line_; }
  void fail(std::string_view what) const { mistake_->add(line_, path_, what); }

  // Must be a map with no other keys than these, none of them twice.
  void expect_keys(std::initializer_list<std::string_view> known) const;
  Field at(std::string_view name) const;  // of a map
  std::vector<Field> items() const;       // of a list; absent: none

  // What an entry needs. Wrong or absent: a mistake, and an empty value.
  std::string text() const;
  std::string key() const;  // lower-case letters, digits, hyphens
  Words words() const;      // {zh: …, en: …}
  int64_t integer(int64_t least, int64_t most) const;
  double number(double least, double most) const;
  // One of `known`; `what` says what they are: "a step".
  std::string one_of(const std::vector<std::string>& known, std::string_view what) const;
  std::optional<Expression> expression() const;

  // What an entry may leave out.
  std::string text_or_empty() const { return present() ? text() : std::string(); }
  Words words_or_empty() const { return present() ? words() : Words(); }
  bool flag() const;          // absent: false
  Duration duration() const;  // absent: 0

 private:
  Field(const Node* node, int line, Mistake* mistake, std::string path)
      : node_(node), line_(line), mistake_(mistake), path_(std::move(path)) {}
  const Node* node_ = nullptr;
  int line_ = 0;
  Mistake* mistake_ = nullptr;
  std::string path_;
};

// A mistake at each entry whose `text` an entry before it has.
class Unique {
 public:
  void add(const Field& field, const std::string& text);

 private:
  std::vector<std::pair<std::string, int>> seen_;
};

std::string did_you_mean(std::string_view word, const std::vector<std::string>& known);

// Writing declarations, canonically: what is empty or the default is left out.
void put(Json& json, std::string_view name, const std::string& text);
void put(Json& json, std::string_view name, const Words& words);
void put(Json& json, std::string_view name, Duration duration);
void put(Json& json, std::string_view name, bool flag);

// An expression over a Datastream: a mistake where it names what that does not have.
void check_stream_names(const Field& field);

// The readers of each file (places.cc, rules.cc, streams.cc, workflows.cc).
void read_places(const Field& root, Pack& pack);
void read_rules(const Field& root, Pack& pack);
void read_streams(const Field& root, Pack& pack);
void read_workflows(const Field& root, Pack& pack);

}  // namespace duliang::source
