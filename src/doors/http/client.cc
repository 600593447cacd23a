#include "doors/http/client.h"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/text.h"
#include "doors/http/response_text.h"

namespace duliang {

namespace {

constexpr size_t kReceiveBytes = 64 * 1024;

std::string request_text(const Request& request, const std::string& authority) {
  std::string text = std::string(name_of(request.method)) + " " + request.path;
  if (!request.query.empty()) text += "?" + request.query;
  text += " HTTP/1.1\r\nHost: " + authority + "\r\n";
  if (!request.actor.empty()) text += "X-Duliang-Actor: " + encode_percent(request.actor) + "\r\n";
  if (!request.body.empty()) text += "Content-Type: application/json\r\n";
  const bool with_body = request.method != Method::get || !request.body.empty();
  if (with_body) text += "Content-Length: " + std::to_string(request.body.size()) + "\r\n";
  return text + "\r\n" + request.body;
}

// A space or line end in path or query would end the request line early.
bool fits_request_line(const Request& request) {
  const auto breaks = [](char c) { return static_cast<unsigned char>(c) <= ' ' || c == 0x7f; };
  return request.method != Method::other && request.path.starts_with('/') &&
         std::none_of(request.path.begin(), request.path.end(), breaks) &&
         std::none_of(request.query.begin(), request.query.end(), breaks);
}

void set_options(int descriptor, std::chrono::milliseconds timeout) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(timeout);
  timeval time{};
  time.tv_sec = seconds.count();
  time.tv_usec = std::chrono::microseconds(timeout - seconds).count();
  const int on = 1;
  setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &time, sizeof time);
  setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &time, sizeof time);  // connect too, on Linux
  setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

}  // namespace

struct Client::State {
  // How far a request came: only what surely was not done is sent again.
  enum class Outcome : unsigned char { answered, closed_before_answer, failed };

  std::string host;
  unsigned short port;
  std::chrono::milliseconds timeout;
  int descriptor = -1;

  Error unavailable(const std::string& what) {
    return {Code::unavailable, "The server " + host + ":" + std::to_string(port) + " " + what + ".",
            ""};
  }
  void close();
  bool closed_by_server() const;
  Status connect();
  bool send_all(std::string_view text) const;
  Outcome receive(Response& response, Error& error);
  Outcome attempt(const std::string& text, Response& response, Error& error);
};

void Client::State::close() {
  if (descriptor >= 0) ::close(descriptor);
  descriptor = -1;
}

// On a kept connection nothing is owed to us, so anything to read means its end.
bool Client::State::closed_by_server() const {
  char byte = 0;
  const auto got = recv(descriptor, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return got >= 0 || (errno != EAGAIN && errno != EWOULDBLOCK);
}

Status Client::State::connect() {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const std::string service = std::to_string(port);
  if (getaddrinfo(host.c_str(), service.c_str(), &hints, &found) != 0)
    return unavailable("has no address");
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> owned(found, freeaddrinfo);
  for (const addrinfo* at = found; at != nullptr; at = at->ai_next) {
    descriptor = socket(at->ai_family, at->ai_socktype | SOCK_CLOEXEC, at->ai_protocol);
    if (descriptor < 0) continue;
    set_options(descriptor, timeout);
    if (::connect(descriptor, at->ai_addr, at->ai_addrlen) == 0) return {};
    close();
  }
  return unavailable("takes no connection");
}

bool Client::State::send_all(std::string_view text) const {
  while (!text.empty()) {
    const auto sent = ::send(descriptor, text.data(), text.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return false;
    text.remove_prefix(static_cast<size_t>(sent));
  }
  return true;
}

Client::State::Outcome Client::State::receive(Response& response, Error& error) {
  std::string text;
  bool ended = false;
  while (true) {
    auto read = read_response(text, ended);
    if (!read.ok()) {
      error = std::move(read).error();
      return Outcome::failed;
    }
    if (read->has_value()) {
      // More than the answer is an answer to nothing: the connection can't be trusted.
      if (!(*read)->keep_alive || (*read)->bytes != text.size()) close();
      response = std::move((*read)->response);
      return Outcome::answered;
    }
    const size_t before = text.size();
    text.resize(before + kReceiveBytes);
    const auto got = recv(descriptor, text.data() + before, kReceiveBytes, 0);
    const int failure = errno;
    text.resize(before + static_cast<size_t>(std::max<ssize_t>(got, 0)));
    if (got < 0 && failure == EINTR) continue;
    if (got > 0) continue;
    if (got < 0 && failure != ECONNRESET) {
      error = unavailable("did not answer in time");
      return Outcome::failed;
    }
    error = unavailable("closed the connection without an answer");
    if (before == 0) return Outcome::closed_before_answer;
    if (got < 0) return Outcome::failed;
    ended = true;
  }
}

Client::State::Outcome Client::State::attempt(const std::string& text, Response& response,
                                              Error& error) {
  if (descriptor < 0) {
    if (auto connected = connect(); !connected.ok()) {
      error = std::move(connected).error();
      return Outcome::failed;
    }
  }
  // A server that refuses a long body answers and closes while we still send: the answer counts.
  const bool sent = send_all(text);
  const Outcome outcome = receive(response, error);
  if (outcome != Outcome::answered || !sent) close();
  return outcome;
}

Client::Client(std::string host, unsigned short port, std::chrono::milliseconds timeout)
    : state_(std::make_unique<State>(State{std::move(host), port, timeout, -1})) {}

Client::~Client() { state_->close(); }

Result<Response> Client::send(const Request& request) {
  if (!fits_request_line(request))
    return Error{Code::bad_input, "A path begins with '/' and is percent-encoded.", "path"};
  const bool version_6 = state_->host.find(':') != std::string::npos;  // RFC 3986, 3.2.2
  const std::string host = version_6 ? "[" + state_->host + "]" : state_->host;
  const std::string text = request_text(request, host + ":" + std::to_string(state_->port));
  if (state_->descriptor >= 0 && state_->closed_by_server()) state_->close();
  const bool kept = state_->descriptor >= 0;
  Response response;
  Error error;
  auto outcome = state_->attempt(text, response, error);
  if (outcome == State::Outcome::closed_before_answer && kept && request.method == Method::get)
    outcome = state_->attempt(text, response, error);
  if (outcome == State::Outcome::answered) return response;
  return error;
}

Result<std::unique_ptr<Client>> client_of(std::string_view url,
                                          std::chrono::milliseconds timeout) {
  const Error refused{Code::bad_input, "--url expects one as http://127.0.0.1:8080.", "url"};
  constexpr std::string_view kScheme = "http://";
  if (!url.starts_with(kScheme)) return refused;
  std::string_view rest = url.substr(kScheme.size());
  if (rest.ends_with('/')) rest.remove_suffix(1);
  const size_t colon = rest.rfind(':');
  if (colon == std::string_view::npos || rest.find('/') != std::string_view::npos) return refused;
  const auto port = parse_integer(rest.substr(colon + 1));
  if (!port || *port < 1 || *port > 65535) return refused;
  std::string host(rest.substr(0, colon));
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  return std::make_unique<Client>(host, static_cast<unsigned short>(*port), timeout);
}

Error refusal_of(const Response& response) {
  static constexpr std::pair<int, Code> kCodes[] = {
      {403, Code::forbidden},   {404, Code::not_found},  {405, Code::unsupported},
      {409, Code::conflict},    {413, Code::too_large},  {429, Code::too_many},
      {501, Code::unsupported}, {503, Code::unavailable}};
  Error error{response.status >= 500 ? Code::io : Code::bad_input,
              fmt::format("The server answered {}.", response.status), ""};
  for (const auto& [status, code] : kCodes) {
    if (status == response.status) error.code = code;
  }
  const auto body = parse_json(response.body);
  const Json* message = body.ok() ? body->find("message") : nullptr;
  if (message != nullptr && message->is_string()) error.message = message->as_string();
  return error;
}

}  // namespace duliang
