#include "model/version.h"

#include "base/hash.h"
#include "base/text.h"

namespace duliang {
namespace {

constexpr size_t kHexDigits = 16;  // 64 bits: two states of one reading are never taken for one

}  // namespace

std::string version_of(const Row& row) {
  if (row.type != TypeId::observation) return fmt::format("{}.{}", number(row.id), row.sequence);
  std::string bytes;
  encode(bytes, RowChange::put(row));
  return to_hex(sha256(bytes)).substr(0, kHexDigits);
}

// No version of ours has a comma or a quote in it, so that what does is no tag of ours.
bool names_version(std::string_view tags, std::string_view version, Comparison comparison) {
  for (std::string_view tag : split(tags, ',')) {
    tag = trim(tag);
    if (tag == "*") return true;
    if (comparison == Comparison::weak && tag.starts_with("W/")) tag.remove_prefix(2);
    if (tag.size() < 2 || !tag.starts_with('"') || !tag.ends_with('"')) continue;
    if (tag.substr(1, tag.size() - 2) == version) return true;
  }
  return false;
}

}  // namespace duliang
