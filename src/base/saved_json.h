// Reads JSON that the program itself has saved: whatever is not as it was written leaves `ok`
// false, so that a reader looks once, at the end. One thread.
#pragma once

#include "base/json.h"
#include "base/time.h"

namespace duliang {

class SavedJson {
 public:
  bool ok = true;

  int64_t integer(const Json* json) {
    const auto value = json != nullptr && json->is_number() ? json->as_integer() : std::nullopt;
    ok = ok && value.has_value();
    return value.value_or(0);
  }
  std::string text(const Json* json) {
    ok = ok && json != nullptr && json->is_string();
    return ok ? json->as_string() : std::string();
  }
  std::vector<Json> items(const Json* json) {
    ok = ok && json != nullptr && json->is_array();
    return ok ? json->items() : std::vector<Json>();
  }
  Time time(const Json* json) { return time_at(integer(json)); }
  template <typename Id>
  std::vector<Id> ids(const Json* json) {
    std::vector<Id> ids;
    for (const Json& id : items(json)) ids.push_back(Id{integer(&id)});
    return ids;
  }
};

}  // namespace duliang
