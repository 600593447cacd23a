// Every limit of the program, with its reason. Above a limit a request gets too_large, too_many or
// bad_input with the limit in its message, and each has a test that exceeds it.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace duliang::limits {

// A frame of the journal, whole. Brokers of the later clustered log refuse records over 1 MB.
inline constexpr size_t kFrameBytes = 900 * 1024;
// What one command may bring; the rest of a frame is for what the house decides because of it.
inline constexpr size_t kCommandBytes = 600 * 1024;
// What one change of level may write: the alarm with its history, a case, its first tasks. Their
// texts are clipped, so this is a bound that the engine checks, not a hope.
inline constexpr size_t kDecisionBytes = 64 * 1024;
// A wall clock that stands so far before the last frame is wrong, and readings would wait for it.
inline constexpr std::chrono::minutes kClockBehind{5};
// One that was moved so far against the clock since boot was set by hand, or by a wrong server.
inline constexpr std::chrono::minutes kClockMoved{5};
// A house that seems to have been shut for longer may have woken up in another year.
inline constexpr std::chrono::days kShutWithoutQuestion{30};
// What can't be undone waits so long after a start for the clock to be set by whoever knows.
inline constexpr std::chrono::hours kClockProof{1};
// Below so much room on its disk the house takes nothing new: what it has taken must still find
// room for checkpoints, merging, and the journal's own segments.
inline constexpr uint64_t kDiskReserve = uint64_t{1} << 30;
// A segment file of the journal: small enough to copy, large enough to be few.
inline constexpr uint64_t kSegmentBytes = 64 * 1024 * 1024;
// What a segment is filled with zeros ahead of its end, so that a sync need not grow the file.
inline constexpr uint64_t kSegmentAheadBytes = 4 * 1024 * 1024;
// A mark, or a background sync, follows at latest so long after a sync, or a write without one.
inline constexpr std::chrono::milliseconds kMarkAfter{200};

// HTTP. A deep insert of a large station is some 100 KiB.
inline constexpr size_t kBodyBytes = 1024 * 1024;
inline constexpr size_t kHeaderBytes = 8 * 1024;
inline constexpr size_t kUrlBytes = 4 * 1024;
inline constexpr size_t kConnections = 4096;
inline constexpr std::chrono::seconds kIdleConnection{75};
inline constexpr std::chrono::seconds kSlowRequest{20};  // from first byte to the whole request
inline constexpr size_t kQueryOptions = 64;              // behind '?'; no question needs more
inline constexpr std::chrono::seconds kStopGrace{5};     // to answer what is in flight at the end
// After a refusal the rest of what the peer sends is read and dropped for so long, since closing on
// unread bytes would destroy the refusal on its way.
inline constexpr std::chrono::seconds kLingerClose{2};
inline constexpr size_t kAnswerBytes = 64 * 1024 * 1024;   // that our own client takes
inline constexpr std::chrono::seconds kClientTimeout{10};  // of our own client, for each step
// Live events that wait for one slow reader; beyond, it is cut off and may resume by id.
inline constexpr size_t kFeedBacklogBytes = 4 * 1024 * 1024;
inline constexpr size_t kFeedReaders = 256;
// Frames that who comes back to the feed may have missed; reading more of the journal for one
// reader costs more than that reader's asking for the lists again.
inline constexpr size_t kCatchUpFrames = 20'000;

inline constexpr size_t kJsonDepth = 64;  // deeper is an attack, not data
// JSON within rows may wrap JSON that came (the readings of an alarm hold results) in a few levels.
inline constexpr size_t kStoredJsonDepth = 2 * kJsonDepth;
inline constexpr size_t kPathSegments = 16;  // of a URL below a door; no chain needs more
inline constexpr size_t kFilterBytes = 3 * 1024;
inline constexpr size_t kFilterDepth = 64;  // brackets and calls in one another
inline constexpr size_t kTopMax = 10000;    // rows in one answer
inline constexpr size_t kTopDefault = 100;
inline constexpr size_t kBuckets = 10000;   // spans of time in one answer: no screen is wider
// Readings in one answer as a dataArray: a year of minutes is 527,040. Long results end it sooner,
// as the answer is made in memory, and our own client takes kAnswerBytes.
inline constexpr size_t kArrayTopMax = 600'000;
inline constexpr size_t kArrayBytes = 48 * 1024 * 1024;
inline constexpr size_t kExpandDepth = 8;  // relations in a row; no model is deeper
// Entities that one answer may show inside of others: a screen of 400 stations with the newest of
// five streams each is 2,400.
inline constexpr size_t kExpandedEntities = 50'000;
inline constexpr size_t kSkipMax = 10'000'000;
inline constexpr size_t kSortRows = 1'000'000;  // rows held to sort by an expression

inline constexpr size_t kQueuedCommands = 8192;  // that wait for a turn
inline constexpr size_t kGroupCommands = 1024;   // in one turn
// Of one turn. A command with more readings goes on in the next turns; everybody waits for a turn,
// and these are some three milliseconds of it.
inline constexpr size_t kTurnReadings = 8192;
inline constexpr size_t kTurnRuleSteps = 8192;
// Streams of which one turn finds out where their Thing is: each is some 7 microseconds of SQLite,
// and after a start it is asked of every stream.
inline constexpr size_t kTurnPlaces = 384;
inline constexpr size_t kKeyBytes = 256;  // of an idempotency key: a UUID has 36
// What is remembered of requests that had one: keys, and the ids that were given under them. Who
// asks again does so within minutes.
inline constexpr size_t kKeysKept = 10'000;
inline constexpr size_t kKeyIdsKept = 100'000;
inline constexpr size_t kNameBytes = 1024;       // a name or title
inline constexpr size_t kNoteBytes = 8 * 1024;   // what a person writes with an act
inline constexpr size_t kDeepInsertRows = 1000;  // rows that one POST may create

// Rows that one removal may take along: all of it happens in one turn.
inline constexpr size_t kRemovalRows = 10'000;
// Changes of readings that stand, in one turn: each is some 30 microseconds of SQLite.
inline constexpr size_t kTurnCorrections = 128;
// What is asked of any number of readings is done in portions of so many, which are held in memory
// as ids; a search looks at so many rows before it rests.
inline constexpr size_t kPortionReadings = 4096;
inline constexpr size_t kSearchRows = 64 * 1024;
// Long commands that wait for one another; each may take minutes.
inline constexpr size_t kLongCommands = 16;
// Streams that one look at what is no longer kept may cut: each reads a page or two of the parts.
inline constexpr size_t kStreamsToCut = 4;

// Streams that one removal may take along: each is looked for in every part, while all wait.
inline constexpr size_t kRemovalStreams = 32;
// Changed readings that no merge has written anew yet, each of them some 170 bytes of memory: with
// more, long commands wait for merges.
inline constexpr size_t kChangedReadings = 400'000;
// Changes of readings since, over which a question about the past may lay what was before them.
inline constexpr size_t kPastChanges = 100'000;

// Readings in the tail before a checkpoint writes them to a part.
inline constexpr size_t kTailReadings = 200'000;
// How long a reader may hold a picture of the house: what it shows is kept in memory and on disk
// for as long. No page waits for longer; an export opens the next picture behind where it stood.
inline constexpr std::chrono::seconds kViewAge{30};
// Decoded pages and their directory that the parts of the process keep together: some sixty pages,
// what the pages of a screen full of charts take.
inline constexpr size_t kPageCacheBytes = 16 * 1024 * 1024;
// A reading further ahead of the clock is kept, but no rule judges it: a device with a wrong clock
// must not make every later reading look late.
inline constexpr std::chrono::minutes kFutureTolerance{10};

// SQLite's log is moved into the database, between turns, whenever it grew by so many pages of
// 4 KiB: so much is written at once, and two syncs.
inline constexpr int kWalPages = 1000;
// A commit moves it itself only when nobody did between turns, as in a long restore.
inline constexpr int kWalPagesInCommit = 4 * kWalPages;
// Prepared statements a connection keeps; filters can make any number of different texts.
inline constexpr size_t kStatementsKept = 256;

// CSV that is imported. A field is a result, and the longest that a device sends are some KiB; a
// record beyond that is a quote that was never closed, and would swallow the rest of the file.
inline constexpr size_t kCsvFieldBytes = 64 * 1024;
inline constexpr size_t kCsvRecordBytes = 256 * 1024;
inline constexpr size_t kCsvFields = 4096;  // the widest real file that we know has 574
inline constexpr size_t kMappingBytes = 512 * 1024;
// What an import holds of a file at a time, and asks the house for in one request: as one body of
// HTTP it stays within kBodyBytes, whatever its times and streams.
inline constexpr size_t kImportReadings = 2000;
inline constexpr size_t kImportBytes = 384 * 1024;
inline constexpr size_t kImportFaultsShown = 100;  // the others are counted, and in --rejects
inline constexpr size_t kImportTries = 60;  // of one request that may pass later, a second apart
// An export with a column for each stream holds so many readings, shared among its streams.
inline constexpr size_t kWideReadings = 64 * 1024;
inline constexpr size_t kWideStreams = kCsvFields - 1;  // so that it can be imported again

inline constexpr size_t kPackFileBytes = 512 * 1024;
inline constexpr size_t kPackBytes = 400 * 1024;  // a pack is one command, so within kCommandBytes
// What an alarm remembers of its changes: the first and the newest. One that comes and goes all
// night must not grow its row without end.
inline constexpr size_t kAlarmHistory = 64;
inline constexpr size_t kPackDepth = 16;  // lists and maps in one another; ours need 7
inline constexpr std::chrono::hours kPackDuration{366 * 24};  // a limit or delay; longer is a slip
inline constexpr int64_t kPackKeepDays = 36'500;  // a hundred years; longer is a slip

}  // namespace duliang::limits
