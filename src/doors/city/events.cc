#include "doors/city/events.h"

#include "base/text.h"
#include "doors/city/city.h"
#include "doors/odata/render.h"

namespace duliang {

std::string render_event(const Frame& frame, const EventFilter& filter, const std::string& root) {
  const Rendering rendering{root, Face::city, true};
  std::string changes;
  for (const NumberedChange& numbered : frame.body.changes) {
    const RowChange& change = numbered.change;
    if (change.kind != RowChange::Kind::put) continue;
    const EntityType& type = type_of(change.row.type);
    if (!filter.wants(type.name)) continue;
    changes += changes.empty() ? R"({"set":")" : R"(,{"set":")";
    changes += type.set;
    changes += R"(","entity":)";
    render_entity(changes, change.row, rendering, {});
    changes += '}';
  }
  std::string readings;
  if (filter.wants("Reading")) {
    for (const NumberedReading& numbered : frame.body.readings) {
      const Reading& reading = numbered.reading;
      if (!readings.empty()) readings += ',';
      readings += fmt::format(
          R"({{"@iot.id":{},"Datastream@iot.id":{},"phenomenonTime":"{}","result":{}}})",
          static_cast<int64_t>(reading.id), static_cast<int64_t>(reading.stream),
          to_text(reading.phenomenon_time), reading.result);
    }
  }
  if (changes.empty() && readings.empty()) return {};
  return fmt::format(
      "id: {}\nevent: changes\ndata: "
      "{{\"sequence\":{},\"time\":\"{}\",\"changes\":[{}],\"readings\":[{}]}}\n\n",
      frame.header.sequence, frame.header.sequence, to_text(frame.body.time), changes, readings);
}

EventHub::EventHub(Engine& engine, Files& files, std::string journal)
    : engine_(engine),
      files_(files),
      journal_(std::move(journal)),
      published_(engine.status().sequence) {}

void EventHub::publish(const std::shared_ptr<const Frame>& frame) {
  const std::scoped_lock hold(mutex_);
  published_ = frame->header.sequence;
  listeners_.remove_if([](const Listener& listener) {
    return !listener.catching_up && listener.stream->closed();  // join() still holds the others
  });
  for (Listener& listener : listeners_) {
    if (listener.catching_up) {
      listener.waiting.push_back(frame);
      continue;
    }
    std::string event = render_event(*frame, listener.filter, listener.root);
    if (!event.empty()) listener.stream->write(std::move(event));
  }
}

// First the listener is entered, so that from here on nothing passes it by; then it is given what
// it missed up to that moment; then what came meanwhile.
void EventHub::join(std::shared_ptr<EventStream> stream, EventFilter filter,
                    std::optional<uint64_t> last, std::string root) {
  uint64_t until = 0;
  std::list<Listener>::iterator listener;
  {
    const std::scoped_lock hold(mutex_);
    until = published_;
    listener =
        listeners_.insert(listeners_.end(), {stream, std::move(filter), std::move(root), true, {}});
  }
  stream->write(fmt::format("retry: 2000\nevent: hello\ndata: {{\"sequence\":{}}}\n\n", until));
  if (last && *last > until) {
    stream->write("event: reset\ndata: {}\n\n");  // of another folder, or a past that was lost
  } else if (last && *last < until) {
    if (!catch_up(*listener, *last, until).ok()) stream->write("event: reset\ndata: {}\n\n");
  }
  const std::scoped_lock hold(mutex_);
  for (const auto& frame : listener->waiting) {
    std::string event = render_event(*frame, listener->filter, listener->root);
    if (!event.empty()) stream->write(std::move(event));
  }
  listener->waiting.clear();
  listener->catching_up = false;
}

Status EventHub::catch_up(Listener& listener, uint64_t after, uint64_t until) {
  TRY(const auto log, FileLog::reader(files_, journal_));
  uint64_t expected = after + 1;
  TRY([[maybe_unused]] const Tail end,
      read_frames(*log, engine_.tail_before(after + 1), [&](const Frame& frame, const Tail&) {
        const uint64_t sequence = frame.header.sequence;
        if (sequence <= after) return true;
        if (sequence > until || sequence != expected) return false;
        ++expected;
        std::string event = render_event(frame, listener.filter, listener.root);
        if (!event.empty()) listener.stream->write(std::move(event));
        return sequence < until && !listener.stream->closed();
      }));
  if (expected <= until && !listener.stream->closed()) {
    return Error{Code::not_found, "The journal does not reach back so far.", "Last-Event-ID"};
  }
  return {};
}

void EventHub::keep_alive() {
  const std::scoped_lock hold(mutex_);
  for (Listener& listener : listeners_) {
    if (!listener.catching_up) listener.stream->write(": still here\n\n");
  }
}

size_t EventHub::listeners() const {
  const std::scoped_lock hold(mutex_);
  return listeners_.size();
}

void GetEvents::operator()(const Request& request, Reply reply) const {
  auto options = parse_query(request.query);
  if (!options.ok()) return reply.send(error_response(options.error()));
  EventFilter filter;
  for (const auto& [name, value] : *options) {
    if (name != "types") continue;
    for (const std::string_view type : split(value, ',')) {
      if (type != "Reading" && type_by_name(type) == nullptr) {
        return reply.send(error_response(
            {Code::bad_input, fmt::format("There is no type '{}'.", type.substr(0, 80)), "types"}));
      }
      filter.types.emplace(type);
    }
  }
  std::optional<uint64_t> last;
  if (!request.last_event_id.empty()) {
    const auto number = parse_integer(request.last_event_id);
    if (!number || *number < 0) {
      return reply.send(error_response(
          {Code::bad_input, "Last-Event-ID expects the id of an event.", "Last-Event-ID"}));
    }
    last = static_cast<uint64_t>(*number);
  }
  const auto stream = reply.stream();
  if (!stream) return;  // too many listeners: answered already
  hub->join(stream, std::move(filter), last, "http://" + request.host + std::string(kCityRoot));
}

}  // namespace duliang
