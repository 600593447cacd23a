// Of a Group: where Things are, by what is written (whereabouts.h).
#include "engine/group.h"

namespace duliang {
namespace {

// In a frame, at most: a link; a HistoricalLocation with its first link and the record of the
// decision that makes it.
constexpr size_t kLinkBytes = 48;
constexpr size_t kHistoryBytes = 256;

}  // namespace

Result<size_t> settling_bytes(const Ledger& ledger, const PutRows& put) {
  size_t bytes = 0;
  const Step& locations = *find_step(TypeId::thing, "Locations");
  const auto leaves = [&](RowId thing) -> Status {
    bytes += kHistoryBytes;
    if (number(thing) <= 0) return {};
    TRY(const auto left, reached(ledger, TypeId::thing, thing, "Locations"));
    bytes += left.size() * kLinkBytes;
    return {};
  };
  for (const RowChange& change : put.changes) {
    if (change.kind == RowChange::Kind::link) {
      bytes += kLinkBytes;
      const bool is_place = change.owner == TypeId::thing && change.relation == locations.relation;
      if (is_place) TRY_DO(leaves(change.from));
    } else if (change.row.type == TypeId::historical_location) {
      TRY_DO(leaves(change.row.link("Thing")));
    }
  }
  return bytes;
}

// What the house makes of it by itself, as decisions.
Status Group::settle(uint32_t command, const std::vector<RowChange>& written) {
  TRY_DO(settle(command, moves_of(written)));
  for (const auto& [history, locations] : histories_of(written)) {
    TRY(auto changes, changes_by_history(house_.ledger(), history, locations));
    if (changes.empty()) continue;
    const uint32_t decision = begin_decision("places", command);
    for (RowChange& change : changes) TRY_DO(write(decision, std::move(change)));
  }
  return {};
}

Status Group::settle(uint32_t command, const std::vector<Move>& moves) {
  for (const Move& move : moves) {
    const RowId history = house_.next_id(TypeId::historical_location);
    TRY(auto changes, changes_of(house_.ledger(), move, history, body_.time));
    const uint32_t decision = begin_decision("places", command);
    for (RowChange& change : changes) TRY_DO(write(decision, std::move(change)));
  }
  return {};
}

// bad_input: it names no FeatureOfInterest, and none can be made for it.
Status Group::check_place(const Reading& reading) const {
  if (reading.feature != kNoRow) return {};
  const auto known = house_.feature_of(reading.stream);
  if (known && *known != kNoRow) return {};
  if (!known) {
    TRY(const DefaultFeature feature, default_feature(house_.ledger(), reading.stream));
    if (feature.stands != kNoRow || feature.made) return {};
  }
  return Error{Code::bad_input,
               "The Observation names no FeatureOfInterest, and the Thing of its Datastream has no "
               "Location in GeoJSON of which one could be made.",
               "FeatureOfInterest"};
}

Result<RowId> Group::feature_for(uint32_t command, StreamId stream) {
  if (const auto known = house_.feature_of(stream)) return *known;
  ++places_;
  TRY(DefaultFeature feature, default_feature(house_.ledger(), stream));
  if (feature.made) {
    feature.stands = feature.made->id = house_.next_id(TypeId::feature_of_interest);
    const uint32_t decision = begin_decision("places", command);
    TRY_DO(write(decision, RowChange::put(std::move(*feature.made))));
  }
  house_.keep_feature(stream, feature.stands);
  return feature.stands;
}

}  // namespace duliang
