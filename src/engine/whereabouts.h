// Where Things are and have been, as far as SensorThings wants the house to see to it by itself
// (18-088 clauses 10.2 and 10.3): a Thing that gets Locations leaves those where it was, and a
// HistoricalLocation remembers when; a reading that names no FeatureOfInterest is of the place
// where its Thing is. Pure questions to the ledger, so that the past comes out the same when it is
// judged again. Private to engine/; the writer's thread.
#pragma once

#include <vector>

#include "engine/command.h"
#include "ledger/ledger.h"

namespace duliang {

// The Locations of a Thing from now on, in the order in which they were named.
struct Move {
  RowId thing = kNoRow;
  std::vector<RowId> to;
};
// Moves by links that are new: of the rows of a PutRows as they were written.
std::vector<Move> moves_of(const std::vector<RowChange>& written);
// What a ChangeRow says of a Thing's Locations or of a Location's Things, where that is another
// place than before.
Result<std::vector<Move>> moves_of(const Ledger& ledger, const ChangeRow& asked);
// The links that the move ends, and the HistoricalLocation `history` of it, which is put.
Result<std::vector<RowChange>> changes_of(const Ledger& ledger, const Move& move, RowId history,
                                          Time now);

// A HistoricalLocation that a client wrote, with its Locations: the Thing is there now, unless one
// of a later time says otherwise. Links that end, and new ones.
Result<std::vector<RowChange>> changes_by_history(const Ledger& ledger, const Row& history,
                                                  const std::vector<RowId>& locations);
// The HistoricalLocations of a PutRows as they were written, each with its Locations.
std::vector<std::pair<Row, std::vector<RowId>>> histories_of(const std::vector<RowChange>& written);

// What a reading of the stream is of where it names nothing: the FeatureOfInterest that was made of
// where the Thing is, or one that is to be made of it (a row without an id). Neither: the Thing is
// nowhere, or in no form that a Feature can have; the reading is taken all the same.
struct DefaultFeature {
  RowId stands = kNoRow;
  std::optional<Row> made{};
};
Result<DefaultFeature> default_feature(const Ledger& ledger, StreamId stream);

// The streams of a Thing, or of the Things at a Location: theirs must be asked anew when it moves,
// or is another place now.
Result<std::vector<StreamId>> streams_of(const Ledger& ledger, TypeId type, RowId id);

// The ids of what a row reaches by the step of this name, ascending.
Result<std::vector<RowId>> reached(const Ledger& ledger, TypeId from, RowId id,
                                   std::string_view step);

}  // namespace duliang
