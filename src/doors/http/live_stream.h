// Inside of the server: the writing end of a stream of live events. write() collects bytes from any
// thread, the session takes them on the loop.
#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "doors/http/loop.h"

namespace duliang {

class LiveStream final : public EventStream, public std::enable_shared_from_this<LiveStream> {
 public:
  // `loop` counts it as one of its streams until close(); nullptr makes one that is closed already.
  LiveStream(Loop* loop, uint32_t slot);
  ~LiveStream() override;

  void write(std::string chunk) override;
  bool closed() const override;

  // For the session, on the loop:
  uint32_t slot() const { return slot_; }
  // Moves what has been written into `out`. The bytes count as backlog until the next take().
  void take(std::string& out);
  bool overflown() const;
  void close();

 private:
  const uint32_t slot_;
  mutable std::mutex mutex_;
  Loop* loop_;               // nullptr: closed
  std::string pending_;
  size_t under_way_ = 0;     // bytes that the session has taken and is writing
  bool told_ = false;        // the loop knows that something is pending
  bool overflown_ = false;
};

}  // namespace duliang
