#include "doors/http/session.h"

#include <boost/asio/buffer.hpp>
#include <cstring>

#include "doors/http/live_stream.h"
#include "doors/http/response_text.h"

namespace duliang {

namespace {

constexpr size_t kReadBytes = 4 * 1024;       // a usual request fits; 4096 idle peers hold 16 MiB
constexpr size_t kReadBytesMax = 32 * 1024;   // what a peer with large bodies gets
constexpr size_t kTogetherBytes = 64 * 1024;  // answers to pipelined requests written at once
static_assert(kReadBytesMax > limits::kHeaderBytes, "a header must fit");

void keep_modest(std::string& text) {
  if (text.capacity() > 2 * kTogetherBytes)
    std::string().swap(text);
  else
    text.clear();
}

}  // namespace

Session::Session(Loop& loop, uint32_t slot) : loop_(loop), slot_(slot) {}

Session::~Session() {
  if (stream_) stream_->close();
}

void Session::start(Socket socket) {
  CHECK(released_, "a slot has one connection");
  boost::system::error_code ignored;  // of a peer that is gone; the first read will tell
  socket.set_option(Tcp::no_delay(true), ignored);
  socket.non_blocking(true, ignored);
  socket_.emplace(std::move(socket));
  phase_ = Phase::reading;
  released_ = begun_ = continued_ = head_ = false;
  since_ = loop_.ticks();
  if (in_.empty()) in_.resize(kReadBytes);
  in_begin_ = in_end_ = 0;
  out_.clear();
}

void Session::proceed() {
  if (proceeding_) return;  // answered from inside of take_request: the loop below goes on
  proceeding_ = true;
  while (phase_ == Phase::reading && !write_pending_) {
    if (out_.size() > kTogetherBytes)
      flush();
    else if (!take_request())
      break;
  }
  flush();
  proceeding_ = false;
  const bool wants_request = phase_ == Phase::reading && !write_pending_;
  if (wants_request || phase_ == Phase::streaming || phase_ == Phase::lingering) read_some();
  release_when_quiet();
}

bool Session::take_request() {
  std::string_view bytes = unread();
  if (bytes.empty()) return false;
  if (!begun_) {
    begun_ = true;
    since_ = loop_.ticks();
    parser_.begin(request_);
  }
  const auto progress = parser_.read(bytes);
  in_begin_ = in_end_ - bytes.size();
  if (progress == RequestParser::Progress::refused) {
    loop_.count_refused();
    refuse(parser_.refused());
    return false;
  }
  if (progress == RequestParser::Progress::more) {
    if (parser_.awaits_continue() && !continued_) {
      continued_ = true;
      out_ += "HTTP/1.1 100 Continue\r\n\r\n";
    }
    return false;
  }
  keep_alive_ = parser_.keep_alive();
  head_ = parser_.head();
  phase_ = Phase::answering;
  owed_ = true;
  loop_.dispatch(request_, {slot_, number_});
  return true;
}

void Session::settle(Ticket ticket) {
  CHECK(owes(ticket), "a Reply is used once");
  owed_ = false;
  ++number_;
}

void Session::answer(Ticket ticket, const Response& response) {
  settle(ticket);
  if (phase_ == Phase::closed) return release_when_quiet();
  const bool last = !keep_alive_ || loop_.stopping();
  append_response(out_, response, {head_, last});
  phase_ = last ? Phase::closing : Phase::reading;
  begun_ = continued_ = false;
  since_ = loop_.ticks();
  proceed();
}

void Session::refuse(const Response& response) {
  append_response(out_, response, {false, true});
  phase_ = Phase::closing;
  proceed();
}

void Session::answer_with_stream(Ticket ticket, std::shared_ptr<LiveStream> stream) {
  settle(ticket);
  if (phase_ == Phase::closed) {
    stream->close();
    return release_when_quiet();
  }
  append_stream_head(out_);
  if (head_ || loop_.stopping()) {
    stream->close();
    phase_ = Phase::closing;
  } else {
    stream_ = std::move(stream);
    phase_ = Phase::streaming;
  }
  proceed();
}

void Session::flush_stream(const LiveStream& stream) {
  if (stream_.get() != &stream) return;
  if (stream.overflown()) return close();
  write_stream();
  release_when_quiet();
}

void Session::write_stream() {
  while (stream_ && !write_pending_) {
    stream_->take(out_);
    if (out_.empty()) return;
    flush();
  }
}

void Session::read_some() {
  if (read_pending_) return;
  if (phase_ != Phase::reading || in_begin_ == in_end_) {
    in_begin_ = in_end_ = 0;
  } else if (in_end_ == in_.size()) {
    std::memmove(in_.data(), in_.data() + in_begin_, in_end_ - in_begin_);
    in_end_ -= in_begin_;
    in_begin_ = 0;
  }
  CHECK(in_end_ < in_.size(), "what the parser leaves unread is less than the buffer");
  read_pending_ = true;
  socket_->async_read_some(
      boost::asio::buffer(in_.data() + in_end_, in_.size() - in_end_),
      [this](const boost::system::error_code& error, size_t bytes) { on_read(error, bytes); });
}

void Session::on_read(const boost::system::error_code& error, size_t bytes) {
  read_pending_ = false;
  if (phase_ == Phase::closed) return release_when_quiet();
  if (error) return close();
  if (phase_ == Phase::lingering || phase_ == Phase::streaming) return read_some();
  in_end_ += bytes;
  if (in_end_ == in_.size() && in_.size() < kReadBytesMax) in_.resize(2 * in_.size());
  proceed();
}

void Session::flush() {
  while (!write_pending_ && phase_ != Phase::closed && !out_.empty()) {
    writing_.swap(out_);
    written_ = 0;
    write_some();
  }
  if (!write_pending_ && phase_ == Phase::closing) linger();
}

// Writes at once: the socket nearly always takes an answer whole, and waiting for the reactor to
// say so costs more than the answer.
void Session::write_some() {
  boost::system::error_code error;
  const auto rest = [this] {
    return boost::asio::buffer(writing_.data() + written_, writing_.size() - written_);
  };
  written_ += socket_->write_some(rest(), error);
  if (error && error != boost::asio::error::would_block) return close();
  if (written_ == writing_.size()) return keep_modest(writing_);
  since_ = loop_.ticks();
  write_pending_ = true;
  socket_->async_write_some(
      rest(), [this](const boost::system::error_code& failed, size_t bytes) {
        on_written(failed, bytes);
      });
}

void Session::on_written(const boost::system::error_code& error, size_t bytes) {
  write_pending_ = false;
  if (phase_ == Phase::closed) return release_when_quiet();
  if (error) return close();
  written_ += bytes;
  since_ = loop_.ticks();
  if (written_ < writing_.size())
    write_some();
  else
    keep_modest(writing_);
  if (phase_ == Phase::streaming) write_stream();
  proceed();
}

void Session::linger() {
  boost::system::error_code ignored;
  socket_->shutdown(Tcp::socket::shutdown_send, ignored);
  phase_ = Phase::lingering;
  since_ = loop_.ticks();
}

void Session::close() {
  if (phase_ == Phase::closed) return;
  phase_ = Phase::closed;
  boost::system::error_code ignored;
  socket_->close(ignored);
  if (stream_) stream_->close();
  stream_.reset();
  release_when_quiet();
}

void Session::release_when_quiet() {
  const bool busy = read_pending_ || write_pending_ || owed_ || proceeding_;
  if (phase_ != Phase::closed || released_ || busy) return;
  released_ = true;
  loop_.session_closed(slot_);
}

bool Session::waited(std::chrono::milliseconds limit) const {
  return (loop_.ticks() - since_) * loop_.options().tick >= limit;
}

void Session::sweep() {
  const ServerOptions& options = loop_.options();
  if (write_pending_) {
    if (waited(options.idle_connection)) close();
  } else if (phase_ == Phase::lingering) {
    if (waited(options.linger_close)) close();
  } else if (phase_ == Phase::reading && !begun_) {
    if (waited(options.idle_connection)) close();
  } else if (phase_ == Phase::reading && waited(options.slow_request)) {
    loop_.count_refused();
    const auto seconds = std::chrono::duration<double>(options.slow_request).count();
    refuse(refusal(408, "too_slow",
                   "The request was not whole within " + to_text(seconds) + " seconds."));
  }
}

void Session::stop() {
  if (phase_ == Phase::reading && write_pending_)
    phase_ = Phase::closing;
  else if (phase_ == Phase::reading || phase_ == Phase::streaming)
    close();
}

}  // namespace duliang
