#include "doors/http/live_stream.h"

namespace duliang {

LiveStream::LiveStream(Loop* loop, uint32_t slot) : slot_(slot), loop_(loop) {}
LiveStream::~LiveStream() { close(); }

void LiveStream::write(std::string chunk) {
  const std::lock_guard lock(mutex_);
  if (loop_ == nullptr || overflown_) return;
  if (pending_.size() + under_way_ + chunk.size() > loop_->options().feed_backlog_bytes)
    overflown_ = true;
  else
    pending_ += chunk;
  if (told_ && !overflown_) return;
  told_ = true;
  loop_->stream_written(shared_from_this());
}

bool LiveStream::closed() const {
  const std::lock_guard lock(mutex_);
  return loop_ == nullptr || overflown_;
}

void LiveStream::take(std::string& out) {
  const std::lock_guard lock(mutex_);
  told_ = false;
  under_way_ = pending_.size();
  out += pending_;
  pending_.clear();
}

bool LiveStream::overflown() const {
  const std::lock_guard lock(mutex_);
  return overflown_;
}

void LiveStream::close() {
  const std::lock_guard lock(mutex_);
  if (loop_ != nullptr) loop_->stream_ended();
  loop_ = nullptr;
  pending_ = {};
}

}  // namespace duliang
