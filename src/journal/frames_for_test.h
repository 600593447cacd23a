// Frames for the tests of this room: small ones, and one with everything that a frame can hold.
// Pure functions; nothing here can fail.
#pragma once

#include <string>
#include <vector>

#include "journal/frame.h"

namespace duliang::test {

inline Time at(int64_t seconds) {
  return Time(std::chrono::seconds(1'700'000'000) + std::chrono::seconds(seconds));
}

inline Reading reading_of(int64_t stream, int64_t id, int64_t seconds, std::string result) {
  Reading reading;
  reading.stream = StreamId{stream};
  reading.id = ReadingId{id};
  reading.phenomenon_time = {at(seconds), at(seconds)};
  reading.result = std::move(result);
  return reading;
}

// One reading that was posted, as the busiest door makes them.
inline FrameBody body_of(int64_t seconds, std::string result = "21.50", std::string key = "") {
  FrameBody body;
  body.time = at(seconds);
  body.commands.push_back({.kind = CommandKind::post_readings,
                           .actor = "",
                           .door = "sensorthings",
                           .received = at(seconds),
                           .key = std::move(key),
                           .cause = -1,
                           .arguments = ""});
  body.readings.push_back({0, reading_of(7, 1792, seconds, std::move(result))});
  return body;
}

// A sound record of a frame that belongs to no chain, `filler` bytes larger than the smallest.
inline std::string record_of(uint64_t sequence, uint64_t synced = 0, size_t filler = 0) {
  FrameHeader header;
  header.kind = RecordKind::frame;
  header.sequence = sequence;
  header.synced = synced;
  FrameBody body;
  body.commands.push_back({});
  body.commands[0].arguments.assign(filler, 'x');
  return encode_frame(header, body).value();
}

// Everything that a frame can hold: each kind of command, of value, of change, and readings in
// which every field is given once and left out once.
inline FrameBody full_body() {
  FrameBody body = body_of(100);
  body.commands[0].key = "b1f3";
  body.commands.push_back({CommandKind::put_rows, "gao", "city", at(99), "", -1, ""});
  body.commands.push_back({CommandKind::act, "gao", "cases", at(101), "k", -1, R"({"act":1})"});
  body.commands.push_back({CommandKind::load_pack, "", "start", at(-5), "", -1, R"({"key":1})"});
  body.commands.push_back({CommandKind::decision, "", "watch", at(100), "", 2, ""});
  body.commands.push_back({CommandKind::correct_readings, "gao", "city", at(100), "", -1, ""});
  body.commands.push_back({CommandKind::correct_readings, "", "start", at(100), "", -1, ""});
  Json json;
  json["floor"] = JsonNumber{"3.0"};
  json["doors"].push(true);
  const Value values[] = {{},
                          true,
                          false,
                          int64_t{-3},
                          at(3),
                          Interval{at(0), at(9)},
                          Duration{250},
                          json,
                          Decimal{21.5, "21.50"},
                          Decimal{0.1, ""},
                          std::string("梁山街道 \"gate\"\n"),
                          std::string("\0", 1),
                          Sealed{"person/7", std::string("\0\xff", 2)},
                          Blob{Hash{1, 2, 3}, 70'000, "image/jpeg"}};
  int64_t id = 0;
  for (const Value& value : values) {
    Row row = make_row(TypeId::thing, RowId{++id});
    row["name"] = std::string("well");
    row["properties"] = value;
    body.changes.push_back({1, RowChange::put(std::move(row))});
  }
  Row alarm = make_row(TypeId::alarm, RowId{3});
  for (RowId& link : alarm.links) link = RowId{id};
  body.changes.push_back({4, RowChange::put(std::move(alarm))});
  body.changes.push_back({4, RowChange::linked(TypeId::thing, 0, RowId{1}, RowId{2})});
  body.changes.push_back({4, RowChange::linked(TypeId::thing, 0, RowId{3}, RowId{2})});
  body.changes.back().change.kind = RowChange::Kind::unlink;
  body.changes.push_back({4, RowChange::removed(TypeId::case_file, RowId{5})});
  body.corrections.push_back({5, ReadingChange::removed(ReadingId{257}, StreamId{1}, "")});
  Reading put_right = reading_of(7, 1793, 40, "21.75");
  put_right.quality = Quality::corrected;
  body.corrections.push_back({5, ReadingChange::replaced(put_right, "校准 drift")});
  body.corrections.push_back({6, ReadingChange::cut(StreamId{7}, at(-99), "retention")});
  Reading whole = reading_of(-8, 2048, 50, R"({"a":[1,2]})");
  whole.phenomenon_time.end = at(60);
  whole.result_time = at(61);
  whole.feature = RowId{4};
  whole.extras = R"({"resultQuality":"good"})";
  body.readings.push_back({0, whole});
  body.readings.push_back({4, whole});
  body.readings.push_back({4, reading_of(7, 2049, 51, "null")});
  return body;
}

}  // namespace duliang::test
