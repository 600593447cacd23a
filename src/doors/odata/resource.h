// What a path names: `Datastreams(1)/Observations` and its like, along the relations of model/, to
// any depth. Shared by the doors that answer in the form of SensorThings (18-088 clause 9.2).
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "query/question.h"

namespace duliang {

struct Resource {
  TypeId type{};
  std::optional<Row> entity;  // one entity; else a set:
  std::optional<Step> by;     // that `from` reaches, or all of the type
  RowId from = kNoRow;
};

// What a face shows: SensorThings its own types alone, since its clients may also write them; the
// city door all.
bool is_shown(Face face, TypeId type);
bool is_shown(Face face, const Step& step);
// The step of this name to a type that the face shows, or nullptr.
const Step* shown_step(Face face, TypeId from, std::string_view name);

// resultTime of an Observation: mandatory, and null where nobody knows it (18-088 table 12). So it
// is shown where other nulls are left out, and by itself where they have no content: clients and
// the suite of the OGC ask for it.
bool is_shown_null(TypeId type, std::string_view property);

// The segments of a path; bad_input: above limits::kPathSegments.
Result<std::vector<std::string_view>> segments_of(std::string_view path);
// not_found, with the segment.
Error names_nothing(std::string_view segment);

// `path` is what stands behind the door's root, without a slash at either end. not_found says which
// segment names nothing; each entity on the way must belong to the one before it. bad_input: as of
// segments_of(), or badly percent-encoded.
Result<Resource> resolve(const View& view, Face face, std::string_view path);

// `Things(5)` or `Things`, of what the face shows; not_found where it names nothing.
struct NamedSet {
  TypeId type{};
  std::optional<RowId> id;
};
Result<NamedSet> named_set(Face face, std::string_view text);

struct Segment {
  std::string name;
  std::optional<RowId> id;
};
// "Things(5)" or "Things", percent-encoded as it came.
Result<Segment> parse_segment(std::string_view text);

}  // namespace duliang
