#include "series/tiers.h"

#include <map>

namespace duliang {
namespace {

int tier_of(const NamedPart& part) {
  int tier = 0;
  for (uint64_t rest = part.part->summary().bounds.readings; rest >= kTierFactor; ++tier) {
    rest /= kTierFactor;
  }
  return tier;
}

// The first so many, the smallest of them.
Parts bounded(Parts parts) {
  std::ranges::sort(parts, {},
                    [](const NamedPart& part) { return part.part->summary().bounds.readings; });
  if (parts.size() > kMergedParts) parts.resize(kMergedParts);
  return parts;
}

bool over_and_quiet(const Parts& of_month, uint32_t now_s) {
  const Time over{std::chrono::seconds{int64_t{now_s} - kMonthOverSeconds}};
  if (of_month.front().part->summary().month >= month_of(over)) return false;
  return std::ranges::all_of(of_month, [now_s](const NamedPart& part) {
    return int64_t{part.written_s} + kMonthQuietSeconds <= int64_t{now_s};
  });
}

Parts full_tier(const Parts& of_month) {
  std::map<int, Parts> tiers;
  for (const NamedPart& part : of_month) tiers[tier_of(part)].push_back(part);
  for (auto& [tier, parts] : tiers) {
    if (parts.size() >= kTierFactor) return bounded(std::move(parts));
  }
  return {};
}

}  // namespace

Parts parts_of(const Parts& parts, int32_t month) {
  Parts found;
  for (const NamedPart& part : parts) {
    if (part.part->summary().month == month) found.push_back(part);
  }
  return found;
}

Parts parts_to_merge(const Parts& parts, uint32_t now_s) {
  std::map<int32_t, Parts> months;
  for (const NamedPart& part : parts) months[part.part->summary().month].push_back(part);
  // The newest month first: it is asked for most.
  for (auto month = months.rbegin(); month != months.rend(); ++month) {
    if (Parts found = full_tier(month->second); !found.empty()) return found;
  }
  for (const auto& [month, of_month] : months) {
    if (of_month.size() > 1 && over_and_quiet(of_month, now_s)) return bounded(of_month);
  }
  return {};
}

}  // namespace duliang
