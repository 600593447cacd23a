#include "tests/faults/trial.h"

namespace duliang {
namespace {

SimFiles::Fault fault_of(Kind kind) {
  switch (kind) {
    case Kind::failed_call:
      return SimFiles::Fault::fail;
    case Kind::killed:
      return SimFiles::Fault::kill;
    case Kind::power_lost:
      return SimFiles::Fault::die;
    case Kind::failed_open:
      return SimFiles::Fault::fail_open;
    case Kind::full_disk:
      return SimFiles::Fault::fill;
  }
  check_failed("kind", __FILE__, __LINE__, "not a kind of fault");
}

class Trial {
 public:
  Trial(const Fault& fault, const Span& span, const Reference& reference)
      : fault_(fault),
        span_(span),
        reference_(reference),
        life_(reference.manner(), reference.disk_before(span.from), span.from),
        step_(span.from) {
    // Opening syncs the journal. Where the fault falls into that, less is safe.
    if (step_ > 0) safe_ = step_ - 1;
    while (Life::opens(step_) && safe_ > 0 && !Life::is_durable(safe_)) --safe_;
  }

  Tried run() {
    if (!Life::opens(step_)) {
      if (const Status opened = life_.open(); !opened.ok()) return {true, opened.error().message};
    }
    const size_t last = std::min(span_.lived_to, Life::steps());
    while (step_ < last) {
      if (step_ == span_.met_from && !calls_before_) {
        calls_before_ = calls();
        life_.files.fault_at(fault_.call, fault_of(fault_.kind));
      }
      if (step_ >= span_.met_by && !is_met()) return {};
      const Status did = life_.perform(step_);
      if (did.ok()) {
        if (Life::is_durable(step_)) safe_ = step_;
        ++step_;
      } else if (auto wrong = fail(did.error()); !wrong.empty()) {
        return {true, wrong};
      }
    }
    if (!is_met()) return {};
    return {true, end()};
  }

 private:
  bool is_met() const {
    return calls_before_ && calls() - *calls_before_ >= fault_.call;
  }

  uint64_t calls() const { return life_.files.calls_for(fault_of(fault_.kind)); }

  bool is_reviewed() const { return span_.lived_to >= Life::steps(); }

  std::string told(const std::string& wrong) const {
    if (wrong.empty()) return wrong;
    const size_t step = std::min(step_, Life::steps() - 1);
    return fmt::format("step {} ({}): {}", step, Life::name_of(step), wrong);
  }

  std::string fail(const Error& error) {
    if (!is_met()) return told("it fails without a fault: " + error.message);
    if (recovered_) return told("it fails behind the fault: " + error.message);
    return recover();
  }

  std::string recover() {
    recovered_ = true;
    life_.close();
    if (fault_.kind == Kind::power_lost) {
      Random random(fault_.seed);
      life_.files.crash(random);
    } else {
      life_.files.kill();
    }
    if (fault_.kind == Kind::full_disk) {
      // It may open or not, but must not make anything worse.
      static_cast<void>(life_.open().ok());
      life_.close();
      life_.files.kill();
      life_.files.set_capacity(0);
    }
    if (const Status opened = life_.open(); !opened.ok())
      return told("it does not open again: " + opened.error().message);
    return stand();
  }

  // Finds out how far the life has come: to what was acknowledged, or to the end of the group that
  // was under way. Only power may take groups of readings that were acknowledged as surviving a
  // kill alone.
  std::string stand() {
    const uint64_t frame = life_.engine->status().sequence;
    const bool may_lose =
        fault_.kind == Kind::power_lost &&
        reference_.manner().readings_durability == Durability::process;
    const size_t acknowledged = step_ == 0 ? 0 : step_ - 1;
    const size_t at_least = may_lose ? safe_ : acknowledged;
    for (size_t step = at_least; step <= step_; ++step) {
      if (step == Life::steps() || reference_.frame_behind(step) != frame) continue;
      if (step < acknowledged) life_.forget_from(step + 1);
      if (step > acknowledged) life_.settle_under_way();
      const auto wrong = life_.check_acknowledged();
      step_ = step + 1;
      return wrong.empty() && is_reviewed() ? compare() : told(wrong);
    }
    if (const auto step = half_done(frame, at_least)) {
      if (*step < step_) life_.forget_from(*step);
      step_ = *step;
      return told(life_.check_half_done());
    }
    return told(fmt::format("the journal ends with frame {}, and {} was acknowledged", frame,
                            reference_.frame_behind(acknowledged)));
  }

  // The step behind this one of which only some frames are there: nobody was answered, or power
  // took the others. What was done stands, and asking again does what is left.
  std::optional<size_t> half_done(uint64_t frame, size_t behind) const {
    for (size_t step = behind + 1; step <= step_ && step < Life::steps(); ++step) {
      const bool begun = reference_.frame_behind(step - 1) < frame;
      const bool done = frame >= reference_.frame_behind(step);
      if (Life::is_in_parts(step) && begun && !done) return step;
    }
    return std::nullopt;
  }

  // What is shown behind the last step that was done.
  std::string compare() {
    const auto shown = life_.picture();
    if (!shown.ok()) return told("nothing is shown: " + shown.error().message);
    return told(first_difference(reference_.shown_behind(step_ - 1), *shown));
  }

  std::string end() {
    const bool is_open = step_ < Life::steps();
    if (!recovered_) {  // the fault did no harm, as far as one saw
      if (auto wrong = recover(); !wrong.empty()) return wrong;
    }
    if (is_open) return compare();
    life_.close();
    return told(review());
  }

  std::string review() {
    const ReviewInput input = life_.review_input();
    const auto verified = verify(input, silent);
    if (!verified.ok()) return "verify: " + verified.error().message;
    if (!verified->well) return "verify: " + verified->first_fault;
    const std::string live = dump_of(input, kFaultFolder);
    const std::string& expected = reference_.shown_behind(Life::steps() - 1);
    if (live != expected) return "the dump differs: " + first_difference(expected, live);
    return reference_.manner().keep_journal == Duration{0} ? review_past(live) : refuse_past();
  }

  std::string review_past(const std::string& live) {
    const ReviewInput input = life_.review_input();
    const auto judged = rejudge(input, silent);
    if (!judged.ok()) return "rejudge: " + judged.error().message;
    if (!judged->well) return "rejudge: " + judged->first_fault;
    const auto replayed = replay(input, "/replayed", silent);
    if (!replayed.ok()) return "replay: " + replayed.error().message;
    return first_difference(live, dump_of(input, "/replayed"));
  }

  // Its begin is retired.
  std::string refuse_past() {
    const ReviewInput input = life_.review_input();
    const auto judged = rejudge(input, silent);
    const auto replayed = replay(input, "/replayed", silent);
    const bool refused = !judged.ok() && judged.error().code == Code::not_found &&
                         !replayed.ok() && replayed.error().code == Code::not_found;
    return refused ? "" : "the past was built anew, though its begin is retired";
  }

  static void silent(std::string_view) {}

  const Fault fault_;
  const Span span_;
  const Reference& reference_;
  Life life_;
  std::optional<uint64_t> calls_before_;  // the fault was set
  size_t step_;      // the next one
  size_t safe_ = 0;  // no loss of power may take this one
  bool recovered_ = false;
};

}  // namespace

Reference::Reference(Manner manner) : manner_(manner) {
  Life life(manner);
  for (size_t step = 0; step < Life::steps() && fault_.empty(); ++step) {
    disks_.push_back(std::make_unique<SimFiles>(life.files));
    const Status did = life.perform(step);
    if (!did.ok()) fault_ = fmt::format("{}: {}", Life::name_of(step), did.error().message);
    if (!did.ok() || step + 1 == Life::steps()) break;
    const auto shown = life.picture();
    if (!shown.ok()) fault_ = shown.error().message;
    shown_.push_back(shown.ok() ? *shown : "");
    frames_.push_back(life.engine->status().sequence);
    if (fault_.empty()) fault_ = life.check_acknowledged();
    const EngineCounts& counts = life.engine->counts();
    met_.merges = std::max(met_.merges, counts.merges);
    met_.segments_sealed = std::max(met_.segments_sealed, counts.segments_sealed);
    met_.segments_retired = std::max(met_.segments_retired, counts.segments_retired);
  }
  if (fault_.empty() && met_.merges == 0) fault_ = "nothing was merged";
  if (!fault_.empty()) return;
  shown_.push_back(shown_.back());  // when it has stopped
  frames_.push_back(frames_.back());
}

Tried live_with(const Fault& fault, const Span& span, const Reference& reference) {
  return Trial(fault, span, reference).run();
}

}  // namespace duliang
