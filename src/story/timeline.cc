#include "story/timeline.h"

#include "base/text.h"

namespace duliang {
namespace {

// The words of a line; "quoted words" are one, without the quotes.
Result<std::vector<std::string>> words_of(std::string_view line) {
  std::vector<std::string> words;
  size_t at = 0;
  while (at < line.size()) {
    if (line[at] == ' ' || line[at] == '\t') {
      ++at;
      continue;
    }
    if (line[at] == '#') break;
    if (line[at] == '"') {
      const size_t end = line.find('"', at + 1);
      if (end == std::string_view::npos) {
        return Error{Code::bad_input, "a quote is not closed", ""};
      }
      words.emplace_back(line.substr(at + 1, end - at - 1));
      at = end + 1;
      continue;
    }
    const size_t end = std::min(line.find_first_of(" \t", at), line.size());
    words.emplace_back(line.substr(at, end - at));
    at = end;
  }
  return words;
}

Error expects(const std::string& what) { return {Code::bad_input, "expects " + what, ""}; }

// The words of one line, taken one after the other.
class LineWords {
 public:
  explicit LineWords(std::vector<std::string> words) : words_(std::move(words)) {}
  bool empty() const { return at_ == words_.size(); }
  bool next_is(std::string_view word) const { return !empty() && words_[at_] == word; }
  bool take(std::string_view word) {
    if (!next_is(word)) return false;
    ++at_;
    return true;
  }
  Result<std::string> need(const std::string& what) {
    if (empty()) return expects(what);
    return words_[at_++];
  }
  Status end() const {
    return empty() ? Status{} : expects("nothing behind '" + words_[at_ - 1] + "'");
  }

 private:
  std::vector<std::string> words_;
  size_t at_ = 0;
};

Result<Duration> offset_of(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (!text.starts_with('+') && !negative) return expects("a time like +10s or -5m");
  TRY(const Duration span, parse_duration(text.substr(1)));
  return negative ? -span : span;
}

Result<int> number_of(const std::string& text) {
  const auto number = parse_integer(text);
  if (!number || *number < 0 || *number > 1'000'000) return expects("a number");
  return static_cast<int>(*number);
}

class TimelineReader {
 public:
  TimelineReader(Files& files, std::string folder) : files_(files), folder_(std::move(folder)) {}

  Result<Timeline> read(std::string_view text) {
    size_t number = 0;
    for (std::string_view line : split(text, '\n')) {
      ++number;
      line_ = number;
      if (auto read = read_line(trim(line)); !read.ok()) {
        return Error{Code::bad_input, fmt::format("line {} {}", number, read.error().message),
                     fmt::format("line {}", number)};
      }
    }
    std::stable_sort(timeline_.events.begin(), timeline_.events.end(),
                     [](const auto& a, const auto& b) { return a.at < b.at; });
    TRY_DO(check_loop());
    return std::move(timeline_);
  }

 private:
  Status read_line(std::string_view line) {
    TRY(auto list, words_of(line));
    if (list.empty()) return {};
    LineWords words(std::move(list));
    TRY(std::string first, words.need("a word"));
    Duration at{0};
    if (first.starts_with('+')) {
      TRY(at, offset_of(first));
      TRY(first, words.need("read, act, expect, restart or kill"));
    }
    if (first == "loop") {
      TRY(const std::string span, words.need("a span"));
      TRY(timeline_.loop, parse_duration(span));
      return words.end();
    }
    if (first == "packs") {
      while (!words.empty()) {
        TRY(timeline_.packs.emplace_back(), words.need("a pack"));
      }
      return {};
    }
    if (first == "station") return station(at, words);
    if (first == "stream") return stream(at, words);
    if (first == "read") return reading(at, words);
    if (first == "replay") return replay(at, words);
    if (first == "act") return act(at, words);
    if (first == "expect") return expect(at, words);
    if (first == "restart" || first == "kill") {
      add(at, TellRestart{first == "kill"});
      return words.end();
    }
    return expects(fmt::format("a statement; '{}' is none", first));
  }

  // What comes again must be over when it does.
  Status check_loop() const {
    if (timeline_.loop == Duration{0}) return {};
    for (const TimelineEvent& event : timeline_.events) {
      const auto* reading = std::get_if<TellReading>(&event.telling);
      if (event.at <= timeline_.loop || (reading != nullptr && reading->once)) continue;
      return Error{Code::bad_input, fmt::format("line {} goes on after the loop's end", event.line),
                   fmt::format("line {}", event.line)};
    }
    return {};
  }

  void add(Duration at, Telling telling) {
    timeline_.events.push_back({at, line_, std::move(telling)});
  }

  Status station(Duration at, LineWords& words) {
    TellStation station;
    TRY(station.key, words.need("a key"));
    TRY(station.name, words.need("a name in quotes"));
    station.name_en = station.name;
    while (!words.empty()) {
      if (words.take("en")) {
        TRY(station.name_en, words.need("a name in quotes"));
      } else if (words.take("town")) {
        TRY(station.town, words.need("a code"));
      } else if (words.take("at")) {
        TRY(const std::string text, words.need("longitude,latitude"));
        const auto parts = split(text, ',');
        const auto longitude = parts.size() == 2 ? parse_double(parts[0]) : std::nullopt;
        const auto latitude = parts.size() == 2 ? parse_double(parts[1]) : std::nullopt;
        if (!longitude || !latitude) return expects("longitude,latitude");
        station.point = {*longitude, *latitude};
      } else {
        return expects("en, at or town");
      }
    }
    add(at, std::move(station));
    return {};
  }

  static Status split_key(const std::string& text, TellStream& stream) {
    const auto parts = split(text, '/');
    if (parts.size() != 2) return expects("station/stream");
    stream.station = parts[0];
    stream.key = parts[1];
    return {};
  }

  Status stream(Duration at, LineWords& words) {
    TellStream stream;
    TRY(const std::string key, words.need("station/stream"));
    TRY_DO(split_key(key, stream));
    TRY(stream.name, words.need("a name in quotes"));
    stream.name_en = stream.name;
    while (!words.empty()) {
      if (words.take("en")) {
        TRY(stream.name_en, words.need("a name in quotes"));
      } else if (words.take("property")) {
        TRY(stream.property, words.need("the name of an observed property"));
      } else if (words.take("unit")) {
        TRY(stream.unit, words.need("a symbol"));
      } else if (words.take("note")) {
        TRY(stream.note, words.need("words in quotes"));
      } else if (words.take("set")) {
        while (!words.empty() && !words.next_is("note")) {
          TRY(const std::string pair, words.need("name=number"));
          const size_t equals = pair.find('=');
          if (equals == std::string::npos) return expects("name=number");
          TRY(stream.properties[pair.substr(0, equals)], parse_json(pair.substr(equals + 1)));
        }
      } else {
        return expects("en, property, unit, note or set");
      }
    }
    if (stream.property.empty()) return expects("property NAME");
    add(at, std::move(stream));
    return {};
  }

  // read creek/level history 5m : 3.0 3.1 3.2   is a past: the last value was measured one step
  // ago.
  Status history(Duration at, const std::string& stream, LineWords& words) {
    TRY(const std::string span, words.need("a span"));
    TRY(const Duration step, parse_duration(span));
    if (!words.take(":")) return expects("':' before the values");
    std::vector<std::string> values;
    while (!words.empty()) {
      TRY(values.emplace_back(), words.need("a value"));
    }
    Duration when = at - step * static_cast<int64_t>(values.size());
    for (const std::string& value : values) {
      if (value != "-") {
        TRY_DO(check_value(value));
        add(at, TellReading{stream, value, when, true});
      }
      when += step;
    }
    return {};
  }

  // read creek/level 3.1 [at -5s]   or   read creek/level every 10s : 3.1 3.2 - 3.3
  Status reading(Duration at, LineWords& words) {
    TRY(const std::string stream, words.need("station/stream"));
    if (words.take("history")) return history(at, stream, words);
    if (words.take("every")) {
      TRY(const std::string span, words.need("a span"));
      TRY(const Duration step, parse_duration(span));
      if (!words.take(":")) return expects("':' before the values");
      for (Duration when = at; !words.empty(); when += step) {
        TRY(const std::string value, words.need("a value"));
        if (value == "-") continue;  // one that never came
        TRY_DO(check_value(value));
        add(when, TellReading{stream, value, when, false});
      }
      return {};
    }
    TRY(const std::string value, words.need("a value"));
    TRY_DO(check_value(value));
    Duration phenomenon = at;
    if (words.take("at")) {
      TRY(const std::string text, words.need("a time"));
      TRY(phenomenon, offset_of(text));
    }
    add(at, TellReading{stream, value, phenomenon, false});
    return words.end();
  }

  static Status check_value(const std::string& value) {
    if (!parse_json(value).ok()) return expects(fmt::format("a JSON value, not '{}'", value));
    return {};
  }

  // replay FILE column NAME into station/stream until TIME history SPAN: the row of TIME is told at
  // this line's moment, earlier ones within SPAN at once with their own times, later ones when they
  // are due.
  Status replay(Duration at, LineWords& words) {
    TRY(const std::string file, words.need("a file"));
    std::string column, stream, until_text, history_text;
    for (const auto& [word, into] : {std::pair{"column", &column},
                                     {"into", &stream},
                                     {"until", &until_text},
                                     {"history", &history_text}}) {
      if (!words.take(word)) return expects(word);
      TRY(*into, words.need(fmt::format("a word behind {}", word)));
    }
    TRY(const Time until, parse_time(until_text));
    TRY(const Duration history, parse_duration(history_text));
    TRY(const std::string content, read_file(files_, folder_ + "/" + file));
    const auto lines = split(content, '\n');
    const auto names = split(lines.front(), ',');
    const auto found = std::find(names.begin(), names.end(), column);
    if (found == names.end()) return expects(fmt::format("a column that {} has", file));
    const auto index = static_cast<size_t>(found - names.begin());
    for (size_t i = 1; i < lines.size(); ++i) {
      const auto cells = split(trim(lines[i]), ',');
      if (cells.size() <= index) continue;
      TRY(const Time time, parse_time(cells[0]));
      const std::string value(cells[index]);
      if (time < until - history || !parse_double(value)) continue;  // NA: nothing was measured
      const Duration phenomenon = at + (time - until);
      add(time < until ? Duration{0} : phenomenon, TellReading{stream, value, phenomenon, true});
    }
    return words.end();
  }

  Status act(Duration at, LineWords& words) {
    TellAct act;
    TRY(act.actor, words.need("a person"));
    TRY(act.act, words.need("an act"));
    TRY(act.stream, words.need("station/stream"));
    while (!words.empty()) {
      if (words.take("refused")) {
        TRY(const std::string status, words.need("an HTTP status"));
        TRY(act.expect_status, number_of(status));
      } else if (words.take("note")) {
        TRY(act.note, words.need("words in quotes"));
      } else {
        return expects("note or refused");
      }
    }
    add(at, std::move(act));
    return {};
  }

  Status expect(Duration at, LineWords& words) {
    TRY(const std::string what, words.need("alarm, case, alarms or cases"));
    if (what == "alarms" || what == "cases") {
      TRY(const std::string count, words.need("a number"));
      TRY(const int number, number_of(count));
      add(at, ExpectCount{what, number});
      return words.end();
    }
    TRY(const std::string stream, words.need("station/stream"));
    if (what == "alarm") return expect_alarm(at, stream, words);
    if (what == "case") return expect_case(at, stream, words);
    return expects("alarm, case, alarms or cases");
  }

  Status expect_alarm(Duration at, const std::string& stream, LineWords& words) {
    ExpectAlarm expected{stream, {}, false, false, {}};
    while (!words.empty()) {
      if (words.take("level")) {
        TRY(const std::string level, words.need("a level"));
        TRY(expected.level, number_of(level));
      } else if (words.take("occurrences")) {
        TRY(const std::string count, words.need("a number"));
        TRY(expected.occurrences, number_of(count));
      } else if (words.take("cleared")) {
        expected.cleared = true;
      } else if (words.take("none")) {
        expected.none = true;
      } else {
        return expects("level, occurrences, cleared or none");
      }
    }
    add(at, std::move(expected));
    return {};
  }

  Status expect_case(Duration at, const std::string& stream, LineWords& words) {
    ExpectCase expected;
    expected.stream = stream;
    const std::pair<const char*, std::string*> parts[] = {{"step", &expected.step},
                                                          {"state", &expected.state},
                                                          {"unit", &expected.unit},
                                                          {"handler", &expected.handler},
                                                          {"checker", &expected.checker}};
    while (!words.empty()) {
      if (words.take("none")) {
        expected.none = true;
        continue;
      }
      const auto part = std::find_if(std::begin(parts), std::end(parts),
                                     [&words](const auto& p) { return words.next_is(p.first); });
      if (part == std::end(parts)) return expects("none, step, state, unit, handler or checker");
      words.take(part->first);
      TRY(*part->second, words.need("a word"));
    }
    add(at, std::move(expected));
    return {};
  }

  Files& files_;
  std::string folder_;
  Timeline timeline_;
  size_t line_ = 0;
};

}  // namespace

Result<Timeline> parse_timeline(std::string_view text, Files& files, const std::string& folder) {
  return TimelineReader(files, folder).read(text);
}

}  // namespace duliang
