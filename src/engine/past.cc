#include "engine/past.h"

#include <algorithm>

namespace duliang {

Status Past::clear() {
  TRY(const bool there, files_.exists(folder_));
  if (!there) return {};
  TRY(const auto names, files_.list(folder_));
  for (const std::string& name : names) TRY_DO(files_.remove(folder_ + "/" + name));
  return {};
}

std::shared_ptr<const Moment> Past::kept(uint64_t sequence) {
  const std::scoped_lock hold(mutex_);
  const auto found = std::ranges::find(kept_, sequence, &Moment::sequence);
  if (found == kept_.end()) return nullptr;
  std::rotate(kept_.begin(), found, std::next(found));
  return kept_.front();
}

Result<std::shared_ptr<const Moment>> Past::moment(uint64_t sequence) {
  if (auto there = kept(sequence)) return there;
  const std::scoped_lock one_at_a_time(making_);
  if (auto there = kept(sequence)) return there;  // made while this one waited
  TRY_DO(files_.make_folder(folder_));
  const std::string path = fmt::format("{}/{}.sqlite", folder_, ++made_);
  TRY(auto moment, open_moment(files_, ledger_, sequence, path));
  std::shared_ptr<const Moment> oldest;  // goes outside of the lock, with its file
  const std::scoped_lock hold(mutex_);
  kept_.push_front(moment);
  if (kept_.size() > kMomentsKept) {
    oldest = std::move(kept_.back());
    kept_.pop_back();
  }
  return moment;
}

Result<View> Past::view(const View& present, uint64_t sequence, Time end) {
  TRY(const auto at, moment(sequence));
  TRY(auto opened, at->connect());
  auto lease = std::make_shared<Connection>(std::move(opened));
  TRY(auto series, present.series.as_of(*present.lease, sequence, end));
  Ledger ledger(*lease);
  return View{std::move(lease), ledger, std::move(series), end};
}

}  // namespace duliang
