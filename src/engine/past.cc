#include "engine/past.h"

#include <algorithm>

#include "engine/folder_copy.h"

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
  const std::unique_lock one_at_a_time(making_, std::try_to_lock);
  if (!one_at_a_time) {
    return Error{Code::unavailable, "A moment of the past is being made; ask again.", "as_of"};
  }
  if (auto there = kept(sequence)) return there;  // made just now
  TRY_DO(files_.make_folder(folder_));
  TRY_DO(check_room(files_, ledger_.path, folder_, reserve_));
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

void Past::forget() {
  std::deque<std::shared_ptr<const Moment>> gone;  // with their files, outside of the lock
  const std::scoped_lock hold(mutex_);
  gone.swap(kept_);
}

Result<View> view_of(const Moment& moment, const View& present, Time end) {
  TRY(auto opened, moment.connect());
  auto lease = std::make_shared<Connection>(std::move(opened));
  TRY(auto series, present.series.as_of(*present.lease, moment.sequence(), end));
  Ledger ledger(*lease);
  return View{std::move(lease), ledger, std::move(series), end};
}

}  // namespace duliang
