#include "series/merge.h"

#include <span>

namespace duliang {

Merge::Key Merge::key_of(Time begin, ReadingId id) const {
  Key key{begin.time_since_epoch().count(), static_cast<int64_t>(id)};
  if (options_.by_id) key.major = 0;
  // The complement turns the order of integers round without overflow.
  if (options_.descending) key = {~key.major, ~key.minor};
  return key;
}

Merge::Key Merge::key_of(const Reading& reading) const {
  return key_of(reading.phenomenon_time.begin, reading.id);
}

Merge::Key Merge::key_of(const Bounds& bounds) const {
  return options_.descending ? key_of(bounds.last, bounds.highest)
                             : key_of(bounds.first, bounds.lowest);
}

bool Merge::may_hold(const Bounds& bounds) const {
  return (!options_.from || bounds.last >= *options_.from) &&
         (!options_.to || bounds.first <= *options_.to);
}

bool Merge::wanted(const Reading& reading) const {
  const Time begin = reading.phenomenon_time.begin;
  return (!options_.stream || reading.stream == *options_.stream) &&
         (!options_.from || begin >= *options_.from) && (!options_.to || begin <= *options_.to);
}

void Merge::add(const TailSnapshot& tail) {
  for (const auto& chunk : *tail.sealed) {
    if (!may_hold(chunk->bounds)) continue;
    if (!options_.stream) {
      push({key_of(chunk->bounds), chunk.get(), nullptr, nullptr, kWhole});
      continue;
    }
    for (const ChunkStream& stream : sets_of(chunk->streams, *options_.stream)) {
      if (!may_hold(stream.bounds)) continue;
      const size_t at = static_cast<size_t>(&stream - chunk->streams.data());
      push({key_of(stream.bounds), chunk.get(), nullptr, nullptr, at});
    }
  }
  auto run = std::make_unique<Run>();
  for (const Reading& reading : tail.open_readings()) {
    if (wanted(reading)) run->readings.push_back(&reading);
  }
  std::ranges::sort(run->readings, {}, [&](const Reading* reading) { return key_of(*reading); });
  push_run(std::move(run));
}

void Merge::add(const Part& part) {
  const PartDirectory& directory = part.directory();
  if (!may_hold(directory.bounds)) return;
  if (!options_.stream) {
    push({key_of(directory.bounds), nullptr, &part, nullptr, kWhole});
    return;
  }
  for (const PartBlock& block : sets_of(directory.blocks, *options_.stream)) {
    if (!may_hold(block.bounds)) continue;
    const size_t at = static_cast<size_t>(&block - directory.blocks.data());
    push({key_of(block.bounds), nullptr, &part, nullptr, at});
  }
}

Status Merge::run(const std::function<bool(const Reading&)>& each) {
  while (!heap_.empty()) {
    Source source = pop();
    if (!source.run) {
      TRY_DO(look_into(source));
      continue;
    }
    Run& run = *source.run;
    do {
      if (!each(*run.readings[run.next])) return {};
      ++run.next;
      if (run.next == run.readings.size()) break;
      source.key = key_of(*run.readings[run.next]);
    } while (heap_.empty() || source.key <= heap_.front().key);
    if (run.next < run.readings.size()) push(std::move(source));
  }
  return {};
}

// Puts what the source holds into the heap in its place.
Status Merge::look_into(const Source& source) {
  if (source.chunk != nullptr) {
    const auto& streams = source.chunk->streams;
    if (source.at != kWhole) {
      look_into_stream(*source.chunk, streams[source.at]);
      return {};
    }
    for (size_t at = 0; at < streams.size(); ++at) {
      if (may_hold(streams[at].bounds))
        push({key_of(streams[at].bounds), source.chunk, nullptr, nullptr, at});
    }
    return {};
  }
  if (source.at != kWhole) return look_into_block(*source.part, source.at);
  const auto& blocks = source.part->directory().blocks;
  for (size_t at = 0; at < blocks.size(); ++at) {
    if (may_hold(blocks[at].bounds))
      push({key_of(blocks[at].bounds), nullptr, source.part, nullptr, at});
  }
  return {};
}

void Merge::look_into_stream(const SealedChunk& chunk, const ChunkStream& stream) {
  auto run = std::make_unique<Run>();
  run->readings.reserve(stream.bounds.readings);
  for (const uint32_t place : places(chunk, stream)) {
    const Reading& reading = chunk.chunk->rows[place];
    if (wanted(reading)) run->readings.push_back(&reading);
  }
  order(*run);
  push_run(std::move(run));
}

Status Merge::look_into_block(const Part& part, size_t block) {
  auto run = std::make_unique<Run>();
  TRY(run->decoded, part.read_block(block));
  run->readings.reserve(run->decoded.size());
  for (const Reading& reading : run->decoded) {
    if (wanted(reading)) run->readings.push_back(&reading);
  }
  order(*run);
  push_run(std::move(run));
  return {};
}

// From the order in which a stream is kept into the one asked for.
void Merge::order(Run& run) const {
  if (options_.by_id) {
    std::ranges::sort(run.readings, {}, [&](const Reading* reading) { return key_of(*reading); });
  } else if (options_.descending) {
    std::ranges::reverse(run.readings);
  }
}

void Merge::push_run(std::unique_ptr<Run> run) {
  if (run->readings.empty()) return;
  const Key key = key_of(*run->readings.front());
  push({key, nullptr, nullptr, std::move(run), kWhole});
}

void Merge::push(Source source) {
  heap_.push_back(std::move(source));
  std::ranges::push_heap(heap_, std::ranges::greater{}, &Source::key);
}

Merge::Source Merge::pop() {
  std::ranges::pop_heap(heap_, std::ranges::greater{}, &Source::key);
  Source source = std::move(heap_.back());
  heap_.pop_back();
  return source;
}

}  // namespace duliang
