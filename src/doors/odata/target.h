// What a GET asks for: the entity or set that its path names, or a part of it, which stands behind
// (18-088 clause 9.2): a property and what is inside it (`Things(1)/properties/a/0`), the bare text
// of one (`…/name/$value`), or addresses alone (`Things(1)/Datastreams/$ref`). Used by render.cc.
#pragma once

#include <string>
#include <vector>

#include "doors/http/http.h"
#include "doors/odata/resource.h"

namespace duliang {

struct Target {
  enum class Part : uint8_t { whole, addresses, property, text };
  Resource resource;
  Part part = Part::whole;
  // Of a property or its text: the property, then the members and places inside it.
  std::vector<std::string> names;
};

// Fails as resolve() does; not_found also for a property that the face does not show.
Result<Target> resolve_target(const View& view, Face face, std::string_view path);

// A property or its text, as an answer: 204 where it is null (but see is_shown_null), not_found
// where there is no such member inside it.
Result<Response> answer_property(const Target& target);

}  // namespace duliang
