#include "query/page.h"

#include "query/evaluate.h"

namespace duliang {
namespace {
// Room above what is kept, so that forgetting is rare; the less, the sooner it is known what comes
// too late.
constexpr size_t kSpareRows = 16;
}  // namespace

Page::Page(size_t skip, size_t top, const std::vector<OrderTerm>& order)
    : skip_(skip), top_(top), order_(order) {}

bool Page::add_in_order() {
  ++passed_;
  return passed_ > skip_ && passed_ <= skip_ + top_;
}

void Page::add(SortKey key, const std::function<Kept()>& entity) {
  ++passed_;
  if (top_ == 0 || (last_ && before(*last_, key))) return;
  held_.push_back({std::move(key), entity()});
  if (held_.size() >= 2 * (skip_ + top_) + kSpareRows) forget_last();
}

bool Page::before(const SortKey& a, const SortKey& b) const {
  for (size_t i = 0; i < order_.size(); ++i) {
    const int compared = compare_for_order(a.values[i], b.values[i]);
    if (compared != 0) return (compared < 0) != order_[i].descending;
  }
  const bool descending = !order_.empty() && order_.back().descending;
  return descending ? b.id < a.id : a.id < b.id;
}

void Page::forget_last() {
  const size_t kept = skip_ + top_;
  const auto end = held_.begin() + static_cast<std::ptrdiff_t>(kept);
  const auto ordered = [this](const Held& a, const Held& b) { return before(a.key, b.key); };
  std::nth_element(held_.begin(), end - 1, held_.end(), ordered);
  held_.erase(end, held_.end());
  last_ = held_.back().key;
}

std::vector<Kept> Page::take() {
  std::sort(held_.begin(), held_.end(),
            [this](const Held& a, const Held& b) { return before(a.key, b.key); });
  const size_t end = std::min(held_.size(), skip_ + top_);
  std::vector<Kept> page;
  for (size_t i = skip_; i < end; ++i) page.push_back(std::move(held_[i].entity));
  return page;
}

}  // namespace duliang
