#include "query/narrow.h"

#include <cmath>

#include "query/values.h"

namespace duliang {
namespace {

// The whole number at or inside a bound; none where it bounds no number (it is a text), or lies
// beyond all of them.
std::optional<int64_t> whole_number(const std::optional<Value>& bound, double (*round)(double)) {
  if (!bound) return std::nullopt;
  if (const int64_t* integer = std::get_if<int64_t>(&*bound)) return *integer;
  const Decimal* decimal = std::get_if<Decimal>(&*bound);
  if (decimal == nullptr) return std::nullopt;
  const double whole = round(decimal->value);
  if (whole < -kIntegerEnd || whole >= kIntegerEnd) return std::nullopt;
  return static_cast<int64_t>(whole);
}

double up(double value) { return std::ceil(value); }
double down(double value) { return std::floor(value); }

void narrow_to(Selection& selection, std::string_view column, const IntegerRange& range) {
  const IntegerRange all;
  if (range.one()) {
    selection.where.push_back({column, Narrow::Op::eq, range.least});
    return;
  }
  if (range.least != all.least) selection.where.push_back({column, Narrow::Op::ge, range.least});
  if (range.most != all.most) selection.where.push_back({column, Narrow::Op::le, range.most});
}

void narrow_property(Selection& selection, const Property& property, const Expression& filter,
                     Time now) {
  if (property.type == PropertyType::integer)
    narrow_to(selection, property.name, integers_of(filter, property.name, now));
  if (property.type != PropertyType::text) return;
  const ValueBounds bounds = bounds_of(filter, property.name, now);
  const auto* least = bounds.least ? std::get_if<std::string>(&*bounds.least) : nullptr;
  const auto* most = bounds.most ? std::get_if<std::string>(&*bounds.most) : nullptr;
  if (least != nullptr && most != nullptr && *least == *most)
    selection.where.push_back({property.name, Narrow::Op::eq, *least});
}

// `Datastream/id` and `Datastream` are one.
IntegerRange linked_integers(const Expression& filter, std::string_view relation, Time now) {
  const IntegerRange a = integers_of(filter, relation, now);
  const IntegerRange b = integers_of(filter, std::string(relation) + "/id", now);
  return {std::max(a.least, b.least), std::min(a.most, b.most)};
}

std::optional<Time> time_in(const std::optional<Value>& bound) {
  const Time* time = bound ? std::get_if<Time>(&*bound) : nullptr;
  return time != nullptr ? std::optional(*time) : std::nullopt;
}

}  // namespace

IntegerRange integers_of(const Expression& filter, std::string_view path, Time now) {
  const ValueBounds bounds = bounds_of(filter, path, now);
  IntegerRange range;
  if (const auto least = whole_number(bounds.least, up)) range.least = *least;
  if (const auto most = whole_number(bounds.most, down)) range.most = *most;
  return range;
}

void narrow(Selection& selection, const Expression& filter, Time now) {
  const EntityType& type = type_of(selection.type);
  narrow_to(selection, "id", integers_of(filter, "id", now));
  for (const Property& property : type.properties)
    narrow_property(selection, property, filter, now);
  for (const Relation& relation : type.relations)
    if (!relation.many)
      narrow_to(selection, relation.name, linked_integers(filter, relation.name, now));
}

void narrow(ScanOptions& options, const Expression& filter, Time now) {
  const IntegerRange streams = linked_integers(filter, "Datastream", now);
  if (streams.one() && !options.stream) options.stream = StreamId{streams.least};
  const ValueBounds times = bounds_of(filter, "phenomenonTime", now);
  options.from = time_in(times.least);
  options.to = time_in(times.most);
}

}  // namespace duliang
