#include "doors/city/events.h"

#include "base/text.h"

namespace duliang {

namespace {

constexpr size_t kHashDigits = 8;

}  // namespace

std::string event_id(const Frame& frame) {
  return fmt::format("{}-{}", frame.header.sequence, to_hex(frame.hash).substr(0, kHashDigits));
}

std::optional<EventId> parse_event_id(std::string_view text) {
  const size_t dash = text.find('-');
  const auto number = parse_integer(text.substr(0, dash));
  if (!number || *number < 0) return std::nullopt;
  EventId id{static_cast<uint64_t>(*number), ""};
  if (dash == std::string_view::npos) return id;
  id.hash = text.substr(dash + 1);
  const bool digits = id.hash.find_first_not_of("0123456789abcdef") == std::string::npos;
  return digits && id.hash.size() == kHashDigits ? std::optional(id) : std::nullopt;
}

namespace {

void append_correction(std::string& out, const ReadingChange& change) {
  const Reading& reading = change.reading;
  if (!out.empty()) out += ',';
  if (change.kind == ReadingChange::Kind::cut) {
    out += fmt::format(
        R"({{"Datastream@iot.id":{},"removedBefore":"{}"}})", static_cast<int64_t>(reading.stream),
        change.before == Time::max() ? "9999-12-31T23:59:59Z" : to_text(change.before));
    return;
  }
  out += fmt::format(R"({{"@iot.id":{},"Datastream@iot.id":{},)", static_cast<int64_t>(reading.id),
                     static_cast<int64_t>(reading.stream));
  if (change.kind == ReadingChange::Kind::remove) {
    out += R"("removed":true})";
  } else {
    out += fmt::format(R"("phenomenonTime":"{}","result":{},"quality":"{}"}})",
                       to_text(reading.phenomenon_time), reading.result, name_of(reading.quality));
  }
}

}  // namespace

std::string render_event(const Frame& frame, const EventFilter& filter,
                         const Rendering& rendering) {
  std::string changes;
  for (const NumberedChange& numbered : frame.body.changes) {
    const RowChange& change = numbered.change;
    const bool removed = change.kind == RowChange::Kind::remove;
    if (change.kind != RowChange::Kind::put && !removed) continue;
    const EntityType& type = type_of(change.row.type);
    if (!filter.wants(type.name)) continue;
    changes += changes.empty() ? R"({"set":")" : R"(,{"set":")";
    changes += type.set;
    if (removed) {
      changes += fmt::format(R"(","removed":{}}})", static_cast<int64_t>(change.row.id));
      continue;
    }
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
  std::string corrections;
  if (filter.wants("Reading")) {
    for (const NumberedReadingChange& numbered : frame.body.corrections) {
      append_correction(corrections, numbered.change);
    }
  }
  if (changes.empty() && readings.empty() && corrections.empty()) return {};
  return fmt::format(
      "id: {}\nevent: changes\ndata: "
      "{{\"sequence\":{},\"time\":\"{}\",\"changes\":[{}],\"readings\":[{}],\"corrections\":[{}]}}"
      "\n\n",
      event_id(frame), frame.header.sequence, to_text(frame.body.time), changes, readings,
      corrections);
}

EventHub::EventHub(Engine& engine, Files& files, std::string journal, uint64_t catch_up_frames)
    : engine_(engine),
      files_(files),
      journal_(std::move(journal)),
      catch_up_frames_(catch_up_frames),
      published_(engine.status().sequence) {}

void EventHub::publish(const std::shared_ptr<const Frame>& frame) {
  const std::scoped_lock hold(mutex_);
  published_ = frame->header.sequence;
  forget_closed();
  for (Listener& listener : listeners_) {
    if (listener.catching_up) {
      listener.waiting.push_back(frame);
      continue;
    }
    std::string event = render_event(*frame, listener.filter, listener.rendering);
    if (!event.empty()) listener.stream->write(std::move(event));
  }
}

void EventHub::forget_closed() {
  listeners_.remove_if([](const Listener& listener) {
    return !listener.catching_up && listener.stream->closed();  // join() still holds the others
  });
}

// First the listener is entered, so that from here on nothing passes it by; then it is given what
// it missed up to that moment; then what came meanwhile.
void EventHub::join(std::shared_ptr<EventStream> stream, EventFilter filter,
                    const std::optional<EventId>& last, Rendering rendering) {
  uint64_t until = 0;
  std::list<Listener>::iterator listener;
  {
    const std::scoped_lock hold(mutex_);
    until = published_;
    listener = listeners_.insert(listeners_.end(),
                                 {stream, std::move(filter), std::move(rendering), true, {}});
  }
  stream->write(fmt::format("retry: 2000\nevent: hello\ndata: {{\"sequence\":{}}}\n\n", until));
  if (last && !catch_up(*listener, *last, until).ok()) {
    stream->write("event: reset\ndata: {}\n\n");
  }
  const std::scoped_lock hold(mutex_);
  for (const auto& frame : listener->waiting) {
    std::string event = render_event(*frame, listener->filter, listener->rendering);
    if (!event.empty()) stream->write(std::move(event));
  }
  listener->waiting.clear();
  listener->catching_up = false;
  forget_closed();
}

// An error: the reader must read the lists again. What is written at once is bounded by half of
// what may wait for a reader, so that who missed much is told to start anew, not cut off again and
// again.
Status EventHub::catch_up(Listener& listener, const EventId& last, uint64_t until) {
  const Error reset{Code::not_found, "What came behind this event can't be told.", "Last-Event-ID"};
  if (last.sequence > until) return reset;  // of another folder, or of a past that was lost
  if (until - last.sequence > catch_up_frames_) return reset;
  if (last.sequence == until && last.hash.empty()) return {};
  TRY(const auto log, FileLog::reader(files_, journal_));
  const std::string last_id = fmt::format("{}-{}", last.sequence, last.hash);
  const Tail from = engine_.tail_before(last.sequence);
  // The frame of `last` itself, with its hash: read, or known as the last one that is retired.
  bool seen = last.hash.empty() ||
              (from.sequence == last.sequence && to_hex(from.hash).starts_with(last.hash));
  uint64_t expected = last.sequence + 1;
  size_t bytes = 0;
  TRY([[maybe_unused]] const Tail end,
      read_frames(*log, from, [&](const Frame& frame, const Tail&) {
        const uint64_t sequence = frame.header.sequence;
        if (sequence == last.sequence) seen = seen || event_id(frame) == last_id;
        if (sequence <= last.sequence) return seen || sequence < last.sequence;
        if (!seen || sequence > until || sequence != expected) return false;
        std::string event = render_event(frame, listener.filter, listener.rendering);
        bytes += event.size();
        if (bytes > limits::kFeedBacklogBytes / 2 || listener.stream->closed()) return false;
        if (!event.empty()) listener.stream->write(std::move(event));
        return expected++ < until;
      }));
  if (!seen || expected <= until) return reset;
  return {};
}

void EventHub::keep_alive() {
  const std::scoped_lock hold(mutex_);
  forget_closed();
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
  std::optional<EventId> last;
  if (!request.last_event_id.empty()) {
    last = parse_event_id(request.last_event_id);
    if (!last) {
      return reply.send(error_response(
          {Code::bad_input, "Last-Event-ID expects the id of an event.", "Last-Event-ID"}));
    }
  }
  const auto stream = reply.stream();
  if (stream->closed()) return;  // too many listeners: answered already
  hub->join(stream, std::move(filter), last, rendering_of(request.host, Face::city));
}

}  // namespace duliang
