#include "doors/sensorthings/members.h"

#include "base/limits.h"

namespace duliang {

Error member_error(const std::string& path, const std::string& what) {
  return {Code::bad_input, fmt::format("{} {}.", path.empty() ? "The body" : path, what), path};
}

std::string member_path(const std::string& path, std::string_view name) {
  return path.empty() ? std::string(name) : path + "." + std::string(name);
}

bool is_computed(TypeId type, std::string_view name) {
  return type == TypeId::datastream &&
         (name == "phenomenonTime" || name == "resultTime" || name == "observedArea");
}

Status check_member(std::string_view name, const Json& value, const std::string& path) {
  if ((name == "unitOfMeasurement" || name == "properties") && !value.is_object() &&
      !value.is_null()) {
    return member_error(path, "expects an object");
  }
  const Json* english = name == "properties" ? value.find("nameEn") : nullptr;
  const Json& text = english != nullptr ? *english : value;
  const bool is_name = name == "name" || english != nullptr;
  if (is_name && text.is_string() && text.as_string().size() > limits::kNameBytes) {
    return Error{Code::too_large, fmt::format("A name has at most {} bytes.", limits::kNameBytes),
                 english != nullptr ? member_path(path, "nameEn") : path};
  }
  return {};
}

std::optional<RowId> reference(const Json& json) {
  const Json* id = json.find("@iot.id");
  if (id == nullptr || !id->is_number()) return std::nullopt;
  const auto number = id->as_integer();
  return number && *number > 0 ? std::optional(RowId{*number}) : std::nullopt;
}

std::optional<RowId> bare_reference(const Json& json) {
  return json.is_object() && json.members().size() == 1 ? reference(json) : std::nullopt;
}

}  // namespace duliang
