// Inside of the server: one connection. It reads requests one after the other, hands each to its
// endpoint, and writes the answer when it comes; meanwhile it reads nothing. All on the loop. A
// session is used again for the next connection of its slot, so a handler that is under way finds
// it alive.
#pragma once

#include <optional>

#include "doors/http/loop.h"
#include "doors/http/request_parser.h"

namespace duliang {

class Session {
 public:
  Session(Loop& loop, uint32_t slot);
  ~Session();

  // Takes a new connection; proceed() or refuse() follows.
  void start(Socket socket);
  // Reads, hands over and writes as far as it goes without waiting.
  void proceed();
  // Answers what was not asked well, and closes.
  void refuse(const Response& response);
  // The answer that the ticket owes; exactly once.
  void answer(Ticket ticket, const Response& response);
  bool owes(Ticket ticket) const { return owed_ && ticket.number == number_; }
  void answer_with_stream(Ticket ticket, std::shared_ptr<LiveStream> stream);
  // Writes what `stream` has, if it is still the one of this session.
  void flush_stream(const LiveStream& stream);
  // Cuts off who idles or is too slow.
  void sweep();
  // The server stops: closes unless an answer is owed or on its way.
  void stop();
  void close();

 private:
  enum class Phase : unsigned char {
    reading,    // a request, or waiting for one
    answering,  // an endpoint owes the answer
    closing,    // the last answer is being written
    streaming,  // live events
    lingering,  // all is written; drops what the peer still sends
    closed,
  };

  std::string_view unread() const { return {in_.data() + in_begin_, in_end_ - in_begin_}; }
  bool take_request();
  void settle(Ticket ticket);
  void read_some();
  void on_read(const boost::system::error_code& error, size_t bytes);
  void flush();
  void write_some();
  void on_written(const boost::system::error_code& error, size_t bytes);
  void write_stream();
  void linger();
  void release_when_quiet();
  bool waited(std::chrono::milliseconds limit) const;

  Loop& loop_;
  const uint32_t slot_;
  uint32_t number_ = 0;         // of the request that is read or answered
  std::optional<Socket> socket_;
  Phase phase_ = Phase::closed;
  bool released_ = true;        // closed and quiet: the loop may use the slot again
  bool read_pending_ = false;   // a handler of the socket is under way
  bool write_pending_ = false;
  bool owed_ = false;           // an endpoint holds the ticket
  bool proceeding_ = false;
  bool begun_ = false;          // parser_ and request_ are of the request that is read
  bool keep_alive_ = true;
  bool head_ = false;
  bool continued_ = false;      // "100 Continue" has been said
  uint64_t since_ = 0;          // the tick at which the wait began that sweep() judges
  std::vector<char> in_;
  size_t in_begin_ = 0;
  size_t in_end_ = 0;
  std::string out_;             // to be written
  std::string writing_;         // being written, up to written_ done
  size_t written_ = 0;
  RequestParser parser_;
  Request request_;
  std::shared_ptr<LiveStream> stream_;
};

}  // namespace duliang
