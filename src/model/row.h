// A row of the ledger, and a change of one. A change carries the whole row as it is afterwards, so
// that applying it needs nothing else and applying it twice changes nothing.
#pragma once

#include <optional>
#include <vector>

#include "model/value.h"

namespace duliang {

struct Row {
  TypeId type{};
  RowId id = kNoRow;
  uint64_t sequence = 0;         // the frame that wrote it last; set when it is applied
  std::vector<Value> values;     // one a property of the type
  std::vector<RowId> links;      // one a to-one relation; kNoRow where it is empty

  // By name; the name must be one of the type's (CHECK).
  Value& operator[](std::string_view property);
  const Value& operator[](std::string_view property) const;
  RowId& link(std::string_view relation);
  RowId link(std::string_view relation) const;
  // The text, integer or time of a property, or empty / 0 / none where it is null or sealed.
  const std::string& text(std::string_view property) const;
  int64_t integer(std::string_view property) const;
  std::optional<Time> time(std::string_view property) const;
};

Row make_row(TypeId type, RowId id = kNoRow);  // with the type's number of nulls

struct RowChange {
  enum class Kind : uint8_t { put, link, unlink, remove };
  Kind kind = Kind::put;
  Row row;                    // of put; of remove its type and id alone
  TypeId owner{};             // of link and unlink: a many-to-many relation of `owner`
  int relation = -1;
  RowId from = kNoRow;        // the row of `owner`
  RowId to = kNoRow;

  static RowChange put(Row row);
  static RowChange linked(TypeId owner, int relation, RowId from, RowId to);
  // The row and its many-to-many links go. What points to it by a to-one relation is not touched:
  // that is for whoever decides. Readings go by a ReadingChange, never by this (CHECK).
  static RowChange removed(TypeId type, RowId id);
};

bool same(const RowChange& a, const RowChange& b);  // to the byte, but for Row::sequence
bool same(const Value& a, const Value& b);          // to the byte: 1.50 is not 1.5

// Times further from 1970 (73,000 years) are refused like a wrong kind: nobody can show them.
inline constexpr Duration kFarthest{int64_t{1} << 61};
inline bool shows(Time time) {
  return time.time_since_epoch() <= kFarthest && time.time_since_epoch() >= -kFarthest;
}

// Whether a property of the type may hold the value: null and what is sealed always, and of json
// every kind.
bool fits(const Value& value, PropertyType type);

// Exact: what is decoded is what was encoded, but for Row::sequence. A value that does not fit its
// property is refused by both: by encode with CHECK, by decode as corrupt.
void encode(std::string& out, const Value& value);
Result<Value> decode_value(class Reader& in);
void encode(std::string& out, const RowChange& change);
Result<RowChange> decode_row_change(class Reader& in);

}  // namespace duliang
