#include "model/row.h"

#include "base/bytes.h"
#include "base/check.h"

namespace duliang {
namespace {

Error bad_row(std::string_view what) {
  return {Code::corrupt, fmt::format("A row change does not decode: {}.", what), ""};
}

size_t place_of_property(TypeId type, std::string_view property) {
  const int at = type_of(type).property_index(property);
  CHECK(at >= 0, property);
  return static_cast<size_t>(at);
}

size_t place_of_link(TypeId type, std::string_view relation) {
  const EntityType& entity = type_of(type);
  const int at = entity.relation_index(relation);
  CHECK(at >= 0 && static_cast<size_t>(at) < entity.to_one_count(), relation);
  return static_cast<size_t>(at);
}

bool says_nothing(const Value& value) {
  return is_null(value) || std::holds_alternative<Sealed>(value);
}

void encode_row(std::string& out, const Row& row) {
  const EntityType& type = type_of(row.type);
  CHECK(row.values.size() == type.properties.size() && row.links.size() == type.to_one_count());
  put_u8(out, static_cast<uint8_t>(row.type));
  put_zigzag(out, static_cast<int64_t>(row.id));
  put_varint(out, row.values.size());
  for (size_t i = 0; i < row.values.size(); ++i) {
    // What does not fit must stop the program here: afterwards no one could read the journal.
    CHECK(fits(row.values[i], type.properties[i].type), type.properties[i].name);
    encode(out, row.values[i]);
  }
  put_varint(out, row.links.size());
  for (const RowId link : row.links) put_zigzag(out, static_cast<int64_t>(link));
}

Result<Row> decode_row(Reader& in) {
  const uint8_t id = in.u8();
  if (!in.ok() || id >= kTypeCount) return bad_row("unknown entity type");
  const EntityType& type = type_of(static_cast<TypeId>(id));
  Row row = make_row(type.id, static_cast<RowId>(in.zigzag()));
  if (in.count() != row.values.size()) return bad_row("wrong number of properties");
  for (size_t i = 0; i < row.values.size(); ++i) {
    TRY(row.values[i], decode_value(in));
    if (!fits(row.values[i], type.properties[i].type)) return bad_row("value of a wrong kind");
  }
  if (in.count() != row.links.size()) return bad_row("wrong number of links");
  for (RowId& link : row.links) link = static_cast<RowId>(in.zigzag());
  if (!in.ok()) return bad_row("it ends early");
  return row;
}

Result<RowChange> decode_removed(Reader& in) {
  const uint8_t type = in.u8();
  const auto id = static_cast<RowId>(in.zigzag());
  if (!in.ok()) return bad_row("it ends early");
  if (type >= kTypeCount || static_cast<TypeId>(type) == TypeId::observation)
    return bad_row("no type whose rows can go");
  return RowChange::removed(static_cast<TypeId>(type), id);
}

}  // namespace

Row make_row(TypeId type, RowId id) {
  const EntityType& entity = type_of(type);
  return {type, id, 0, std::vector<Value>(entity.properties.size()),
          std::vector<RowId>(entity.to_one_count(), kNoRow)};
}

Value& Row::operator[](std::string_view property) {
  return values[place_of_property(type, property)];
}
const Value& Row::operator[](std::string_view property) const {
  return values[place_of_property(type, property)];
}
RowId& Row::link(std::string_view relation) { return links[place_of_link(type, relation)]; }
RowId Row::link(std::string_view relation) const { return links[place_of_link(type, relation)]; }

const std::string& Row::text(std::string_view property) const {
  static const std::string empty;
  const Value& value = (*this)[property];
  CHECK(says_nothing(value) || std::holds_alternative<std::string>(value), property);
  const auto* held = std::get_if<std::string>(&value);
  return held != nullptr ? *held : empty;
}

int64_t Row::integer(std::string_view property) const {
  const Value& value = (*this)[property];
  CHECK(says_nothing(value) || std::holds_alternative<int64_t>(value), property);
  const auto* held = std::get_if<int64_t>(&value);
  return held != nullptr ? *held : 0;
}

std::optional<Time> Row::time(std::string_view property) const {
  const Value& value = (*this)[property];
  CHECK(says_nothing(value) || std::holds_alternative<Time>(value), property);
  const auto* held = std::get_if<Time>(&value);
  return held != nullptr ? std::optional(*held) : std::nullopt;
}

RowChange RowChange::put(Row row) {
  RowChange change;
  change.row = std::move(row);
  return change;
}

RowChange RowChange::linked(TypeId owner, int relation, RowId from, RowId to) {
  RowChange change;
  change.kind = Kind::link;
  change.owner = owner;
  change.relation = relation;
  change.from = from;
  change.to = to;
  return change;
}

RowChange RowChange::removed(TypeId type, RowId id) {
  RowChange change;
  change.kind = Kind::remove;
  change.row.type = type;
  change.row.id = id;
  return change;
}

bool fits(const Value& value, PropertyType type) {
  if (says_nothing(value)) return true;
  if (const auto* time = std::get_if<Time>(&value); time != nullptr && !shows(*time)) return false;
  const auto* interval = std::get_if<Interval>(&value);
  if (interval != nullptr && !(shows(interval->begin) && shows(interval->end))) return false;
  switch (type) {
    case PropertyType::text: return std::holds_alternative<std::string>(value);
    case PropertyType::boolean: return std::holds_alternative<bool>(value);
    case PropertyType::integer: return std::holds_alternative<int64_t>(value);
    case PropertyType::number:
      return std::holds_alternative<int64_t>(value) || std::holds_alternative<Decimal>(value);
    case PropertyType::time: return std::holds_alternative<Time>(value);
    case PropertyType::interval: return std::holds_alternative<Interval>(value);
    case PropertyType::json: return true;
  }
  return false;
}

bool same(const RowChange& a, const RowChange& b) {
  std::string left, right;
  encode(left, a);
  encode(right, b);
  return left == right;
}

bool same(const Value& a, const Value& b) {
  std::string left, right;
  encode(left, a);
  encode(right, b);
  return left == right;
}

void encode(std::string& out, const RowChange& change) {
  put_u8(out, static_cast<uint8_t>(change.kind));
  if (change.kind == RowChange::Kind::put) return encode_row(out, change.row);
  if (change.kind == RowChange::Kind::remove) {
    CHECK(change.row.type != TypeId::observation, "a reading goes by a ReadingChange");
    put_u8(out, static_cast<uint8_t>(change.row.type));
    put_zigzag(out, static_cast<int64_t>(change.row.id));
    return;
  }
  const EntityType& owner = type_of(change.owner);
  CHECK(change.relation >= 0 && static_cast<size_t>(change.relation) < owner.relations.size() &&
        owner.relations[static_cast<size_t>(change.relation)].many);
  put_u8(out, static_cast<uint8_t>(change.owner));
  put_varint(out, static_cast<uint64_t>(change.relation));
  put_zigzag(out, static_cast<int64_t>(change.from));
  put_zigzag(out, static_cast<int64_t>(change.to));
}

Result<RowChange> decode_row_change(Reader& in) {
  const uint8_t kind = in.u8();
  if (!in.ok()) return bad_row("it ends early");
  if (kind > static_cast<uint8_t>(RowChange::Kind::remove)) return bad_row("unknown kind");
  if (kind == static_cast<uint8_t>(RowChange::Kind::put)) {
    TRY(auto row, decode_row(in));
    return RowChange::put(std::move(row));
  }
  if (kind == static_cast<uint8_t>(RowChange::Kind::remove)) return decode_removed(in);
  const uint8_t owner = in.u8();
  const uint64_t relation = in.varint();
  if (!in.ok() || owner >= kTypeCount) return bad_row("unknown entity type");
  const auto relations = type_of(static_cast<TypeId>(owner)).relations;
  if (relation >= relations.size() || !relations[relation].many)
    return bad_row("no relation that can be linked");
  RowChange change;
  change.kind = static_cast<RowChange::Kind>(kind);
  change.owner = static_cast<TypeId>(owner);
  change.relation = static_cast<int>(relation);
  change.from = static_cast<RowId>(in.zigzag());
  change.to = static_cast<RowId>(in.zigzag());
  if (!in.ok()) return bad_row("it ends early");
  return change;
}

}  // namespace duliang
