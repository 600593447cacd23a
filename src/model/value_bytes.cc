// The bytes of a Value: a tag, then its content. JSON is written as the tree that it is and not as
// text, so that whatever could be made can be read again: parse_json() refuses more than a journal
// may.
#include <algorithm>
#include <bit>

#include "base/bytes.h"
#include "base/check.h"
#include "base/limits.h"
#include "model/row.h"

namespace duliang {
namespace {

enum class Tag : uint8_t {
  null, no, yes, integer, decimal_text, decimal, text, time, interval, duration, json, sealed, blob,
};
enum class Node : uint8_t { null, no, yes, number, string, array, object };

Error bad_value(std::string_view what) {
  return {Code::corrupt, fmt::format("A value does not decode: {}.", what), ""};
}

// RFC 8259, section 6.
bool is_number(std::string_view text) {
  const auto take = [&](char c) {
    const bool found = !text.empty() && text.front() == c;
    if (found) text.remove_prefix(1);
    return found;
  };
  const auto digits = [&] {
    const size_t before = text.size();
    while (!text.empty() && text.front() >= '0' && text.front() <= '9') text.remove_prefix(1);
    return before != text.size();
  };
  take('-');
  if (!take('0') && !digits()) return false;
  if (take('.') && !digits()) return false;
  if (take('e') || take('E')) {
    if (!take('+')) take('-');
    if (!digits()) return false;
  }
  return text.empty();
}

void encode_node(std::string& out, const Json& json, size_t depth) {
  CHECK(depth <= limits::kStoredJsonDepth, "what is not decoded must not be written");
  const auto node = [&](Node kind) { put_u8(out, static_cast<uint8_t>(kind)); };
  if (json.is_null()) {
    node(Node::null);
  } else if (json.is_bool()) {
    node(json.as_bool() ? Node::yes : Node::no);
  } else if (json.is_number()) {
    node(Node::number), put_text(out, json.number_text());
  } else if (json.is_string()) {
    node(Node::string), put_text(out, json.as_string());
  } else if (json.is_array()) {
    node(Node::array), put_varint(out, json.items().size());
    for (const Json& item : json.items()) encode_node(out, item, depth + 1);
  } else {
    node(Node::object), put_varint(out, json.members().size());
    for (const auto& [name, member] : json.members()) {
      put_text(out, name);
      encode_node(out, member, depth + 1);
    }
  }
}

// What is broken makes `in` bad.
Json decode_node(Reader& in, size_t depth) {
  if (depth > limits::kStoredJsonDepth) in.fail();
  switch (static_cast<Node>(in.u8())) {
    case Node::null: return {};
    case Node::no: return false;
    case Node::yes: return true;
    case Node::number: {
      std::string text(in.text());
      if (!is_number(text)) in.fail();
      return JsonNumber{std::move(text)};
    }
    case Node::string: return in.text();
    case Node::array: {
      Json::Array items;
      for (size_t left = in.count(); left > 0 && in.ok(); --left)
        items.push_back(decode_node(in, depth + 1));
      return items;
    }
    case Node::object: {
      Json::Object members;
      for (size_t left = in.count(); left > 0 && in.ok(); --left) {
        std::string name(in.text());
        members.emplace_back(std::move(name), decode_node(in, depth + 1));
      }
      return members;
    }
  }
  in.fail();
  return {};
}

struct Encoder {
  std::string& out;
  void tag(Tag tag) const { put_u8(out, static_cast<uint8_t>(tag)); }

  void operator()(std::monostate) const { tag(Tag::null); }
  void operator()(bool held) const { tag(held ? Tag::yes : Tag::no); }
  void operator()(int64_t held) const { tag(Tag::integer), put_zigzag(out, held); }
  void operator()(const Decimal& held) const {
    if (held.text.empty()) {
      tag(Tag::decimal), put_u64(out, std::bit_cast<uint64_t>(held.value));
    } else {
      CHECK(is_number(held.text), held.text);
      tag(Tag::decimal_text), put_text(out, held.text);
    }
  }
  void operator()(const std::string& held) const { tag(Tag::text), put_text(out, held); }
  void operator()(Time held) const {
    tag(Tag::time), put_zigzag(out, held.time_since_epoch().count());
  }
  void operator()(const Interval& held) const {
    tag(Tag::interval);
    put_zigzag(out, held.begin.time_since_epoch().count());
    put_zigzag(out, held.end.time_since_epoch().count());
  }
  void operator()(Duration held) const { tag(Tag::duration), put_zigzag(out, held.count()); }
  void operator()(const Json& held) const { tag(Tag::json), encode_node(out, held, 1); }
  void operator()(const Sealed& held) const {
    tag(Tag::sealed), put_text(out, held.key), put_text(out, held.ciphertext);
  }
  void operator()(const Blob& held) const {
    tag(Tag::blob);
    out.append(reinterpret_cast<const char*>(held.keyed_hash.data()), held.keyed_hash.size());
    put_varint(out, held.length);
    put_text(out, held.media_type);
  }
};

// Its double is what its text means, by the same way as in parse_json, so that it is the same.
Value decode_decimal(Reader& in) {
  std::string text(in.text());
  if (!is_number(text)) {
    in.fail();
    return {};
  }
  return Decimal{Json(JsonNumber{text}).as_double(), std::move(text)};
}

Value decode_interval(Reader& in) {
  const Time begin = time_at(in.zigzag());
  return Interval{begin, time_at(in.zigzag())};
}

Value decode_sealed(Reader& in) {
  std::string key(in.text());
  return Sealed{std::move(key), std::string(in.text())};
}

Value decode_blob(Reader& in) {
  Blob blob;
  const std::string_view hash = in.bytes(sizeof(Hash));
  std::copy(hash.begin(), hash.end(), blob.keyed_hash.begin());
  blob.length = in.varint();
  blob.media_type = in.text();
  return blob;
}

}  // namespace

void encode(std::string& out, const Value& value) { std::visit(Encoder{out}, value); }

Result<Value> decode_value(Reader& in) {
  Value value;
  switch (static_cast<Tag>(in.u8())) {
    case Tag::null: break;
    case Tag::no: value = false; break;
    case Tag::yes: value = true; break;
    case Tag::integer: value = in.zigzag(); break;
    case Tag::decimal_text: value = decode_decimal(in); break;
    case Tag::decimal: value = Decimal{std::bit_cast<double>(in.u64()), ""}; break;
    case Tag::text: value = std::string(in.text()); break;
    case Tag::time: value = time_at(in.zigzag()); break;
    case Tag::interval: value = decode_interval(in); break;
    case Tag::duration: value = Duration{in.zigzag()}; break;
    case Tag::json: value = decode_node(in, 1); break;
    case Tag::sealed: value = decode_sealed(in); break;
    case Tag::blob: value = decode_blob(in); break;
    default: return bad_value("its kind is unknown");
  }
  if (!in.ok()) return bad_value("it ends early, or what it holds is no JSON");
  return value;
}

}  // namespace duliang
