#include "doors/ops/ops.h"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <limits>

#include "base/version.h"
#include "series/page_cache.h"

namespace duliang {
namespace {

using prometheus::MetricType;

class Metrics {
 public:
  void counter(const char* name, const char* help, uint64_t value) {
    add(name, help, MetricType::Counter, static_cast<double>(value));
  }
  void gauge(const char* name, const char* help, double value) {
    add(name, help, MetricType::Gauge, value);
  }
  // In seconds; the buckets of Prometheus each hold those below them too.
  void histogram(const char* name, const char* help, const CpuTimes& times) {
    prometheus::MetricFamily family{name, help, MetricType::Histogram, {}};
    prometheus::ClientMetric metric;
    const auto seconds = [](Duration duration) {
      return std::chrono::duration<double>(duration).count();
    };
    uint64_t below = 0;
    for (size_t i = 0; i < times.buckets.size(); ++i) {
      below += times.buckets[i];
      const bool last = i == CpuTimes::kBounds.size();
      metric.histogram.bucket.push_back(
          {below, last ? std::numeric_limits<double>::infinity() : seconds(CpuTimes::kBounds[i])});
    }
    metric.histogram.sample_count = times.pieces;
    metric.histogram.sample_sum = seconds(times.sum);
    family.metric.push_back(std::move(metric));
    families_.push_back(std::move(family));
  }
  // One series for each type of refusal; the types are few and fixed.
  void refusals() {
    prometheus::MetricFamily family{
        "duliang_refused_total", "Requests refused, by reason.", MetricType::Counter, {}};
    for (const RefusalCount& refused : refusal_counts()) {
      prometheus::ClientMetric metric;
      metric.label.push_back({"reason", std::string(refused.type)});
      metric.counter.value = static_cast<double>(refused.count);
      family.metric.push_back(std::move(metric));
    }
    families_.push_back(std::move(family));
  }
  // One series for each form that a segment of the journal may have.
  void segments(const char* name, const char* help, uint64_t SegmentTotals::Form::*number,
                const SegmentTotals& totals) {
    prometheus::MetricFamily family{name, help, MetricType::Gauge, {}};
    for (const auto& [form, total] : {std::pair{"written", &totals.written},
                                      {"sealed", &totals.sealed},
                                      {"retired", &totals.retired}}) {
      prometheus::ClientMetric metric;
      metric.label.push_back({"form", form});
      metric.gauge.value = static_cast<double>(total->*number);
      family.metric.push_back(std::move(metric));
    }
    families_.push_back(std::move(family));
  }
  std::string text() const { return prometheus::TextSerializer().Serialize(families_); }

 private:
  void add(const char* name, const char* help, MetricType type, double value) {
    prometheus::ClientMetric metric;
    if (type == MetricType::Counter) metric.counter.value = value;
    if (type == MetricType::Gauge) metric.gauge.value = value;
    families_.push_back({name, help, type, {std::move(metric)}});
  }
  std::vector<prometheus::MetricFamily> families_;
};

void engine_metrics(Metrics& metrics, const Engine& engine) {
  const EngineCounts& counts = engine.counts();
  const EngineStatus status = engine.status();
  metrics.counter("duliang_frames_total", "Frames written to the journal.", counts.frames);
  metrics.counter("duliang_commands_total", "Commands taken, refused ones included.",
                  counts.commands);
  metrics.counter("duliang_commands_refused_total", "Commands refused by the engine.",
                  counts.refused);
  metrics.counter("duliang_readings_total", "Readings kept.", counts.readings);
  metrics.counter("duliang_row_changes_total", "Row changes kept.", counts.rows);
  metrics.counter("duliang_alarms_raised_total", "Alarms raised.", counts.alarms_raised);
  metrics.counter("duliang_alarms_cleared_total", "Alarms cleared.", counts.alarms_cleared);
  metrics.counter("duliang_cases_opened_total", "Cases opened.", counts.cases_opened);
  metrics.counter("duliang_corrections_total", "Changes of readings that stood.",
                  counts.corrections);
  metrics.counter("duliang_checkpoints_total", "Checkpoints taken.", counts.checkpoints);
  metrics.counter("duliang_merges_total", "Times that parts were merged.", counts.merges);
  metrics.histogram("duliang_turn_cpu_seconds",
                    "CPU time of a turn; waiting for the disk is none.",
                    engine.turn_costs().times);
  metrics.histogram("duliang_tend_cpu_seconds",
                    "CPU time of the work between turns that holds up the next one.",
                    engine.tend_times());
  const SeriesCounts& series = engine.series_counts();
  metrics.counter("duliang_read_tail_rows_total", "Readings that questions took from the tail.",
                  series.tail_rows);
  metrics.counter("duliang_read_part_rows_total", "Readings that questions took from parts.",
                  series.part_rows);
  metrics.counter("duliang_read_overlay_rows_total",
                  "Readings that questions took from the overlay.", series.overlay_rows);
  metrics.counter("duliang_read_pages_total", "Pages that questions looked into.", series.pages);
  const PageCache::Counts pages = PageCache::of_process().counts();
  metrics.counter("duliang_pages_decoded_total",
                  "Pages decoded, for questions, merges and checks.", pages.pages_decoded);
  metrics.counter("duliang_page_cache_hits_total",
                  "Pages that questions found decoded in the cache.", pages.page_hits);
  metrics.gauge("duliang_page_cache_bytes", "Memory of the cache of pages and their directory.",
                static_cast<double>(pages.bytes));
  metrics.gauge("duliang_queued_commands", "Commands that wait for a turn.",
                static_cast<double>(status.queued));
  metrics.gauge("duliang_tail_readings", "Readings in memory, behind the last checkpoint.",
                static_cast<double>(status.tail_readings));
}

void journal_metrics(Metrics& metrics, const Engine& engine) {
  const EngineCounts& counts = engine.counts();
  const EngineStatus status = engine.status();
  metrics.counter("duliang_journal_syncs_total", "Times the journal was made durable.",
                  status.sync_count);
  metrics.gauge("duliang_journal_sequence", "Number of the last frame.",
                static_cast<double>(status.sequence));
  metrics.segments("duliang_journal_segments", "Segments of the journal, by form.",
                   &SegmentTotals::Form::segments, status.segments);
  metrics.segments("duliang_journal_bytes",
                   "Bytes of the journal's segments on the disk; of retired ones, as they were.",
                   &SegmentTotals::Form::bytes, status.segments);
  metrics.counter("duliang_journal_sealed_total", "Segments sealed.", counts.segments_sealed);
  metrics.counter("duliang_journal_retired_total", "Segments retired.", counts.segments_retired);
  metrics.gauge("duliang_journal_fault", "1 while a segment could not be sealed or retired.",
                status.journal_fault.empty() ? 0 : 1);
}

void watch_metrics(Metrics& metrics, const WatchCounts& counts) {
  metrics.counter("duliang_watch_judged_total", "Readings that a rule judged.", counts.judged);
  metrics.counter("duliang_watch_late_total", "Readings not judged: older than one judged before.",
                  counts.late);
  metrics.counter("duliang_watch_future_total", "Readings not judged: too far ahead of the clock.",
                  counts.future);
  metrics.counter("duliang_watch_not_a_number_total", "Readings not judged: no number.",
                  counts.not_a_number);
}

void server_metrics(Metrics& metrics, const Server::Counts& counts) {
  metrics.counter("duliang_http_requests_total", "HTTP requests.", counts.requests);
  metrics.counter("duliang_http_refused_total",
                  "HTTP requests refused before an endpoint saw them.", counts.refused);
  metrics.gauge("duliang_http_open_connections", "Open connections.",
                static_cast<double>(counts.open));
}

Json lost_tail_json(const LostTail& lost) {
  Json json = Json::object();
  json["from"] = Json(lost.from);
  json["bytes"] = Json(lost.bytes);
  json["keptIn"] = Json(lost.kept_in);
  return json;
}

// Why nothing should be sent here now; empty where all is well.
std::string not_ready(const EngineStatus& status) {
  if (!status.halted.empty()) return status.halted;
  if (status.queued < limits::kQueuedCommands) return {};
  return fmt::format("The queue is full: {} commands wait for a turn.", status.queued);
}

// What of the journal can still be asked: all behind this frame; null where that is everything.
Json horizon_json(const std::optional<Horizon>& horizon) {
  if (!horizon) return {};
  Json json = Json::object();
  json["sequence"] = Json(horizon->tail.sequence);
  json["time"] = Json(to_text(horizon->time));
  return json;
}

// All of these run on the loop: the engine's numbers are its thread's own.
Response ready_response(const OpsDoor& door) {
  const EngineStatus status = door.engine->status();
  const std::string reason = not_ready(status);
  Json json = Json::object();
  json["ready"] = Json(reason.empty());
  if (!reason.empty()) json["reason"] = Json(reason);
  json["sequence"] = Json(status.sequence);
  json["epoch"] = Json(status.epoch);
  json["checkpointSequence"] = Json(status.checkpoint_sequence);
  json["queued"] = Json(static_cast<uint64_t>(status.queued));
  const bool power = door.readings_durability == Durability::power;
  json["readingsDurability"] = Json(power ? "power" : "process");
  json["lostTail"] = status.lost_tail ? lost_tail_json(*status.lost_tail) : Json();
  json["retentionFault"] =
      status.retention_fault.empty() ? Json() : Json(status.retention_fault);
  json["journalFault"] = status.journal_fault.empty() ? Json() : Json(status.journal_fault);
  return json_response(reason.empty() ? 200 : 503, json.dump());
}

}  // namespace

void add_ops(Router& router, const OpsDoor& door) {
  router.add({Method::get, "/healthz", Where::loop, [](const Request&, Reply reply) {
                reply.send(json_response(200, R"({"alive":true})"));
              }});
  router.add({Method::get, "/readyz", Where::loop,
              [door](const Request&, Reply reply) { reply.send(ready_response(door)); }});
  router.add({Method::get, "/version", Where::loop, [door](const Request&, Reply reply) {
                Json json = Json::object();
                json["name"] = Json("duliang");
                json["version"] = Json(kVersion);
                json["journalFormat"] = Json(static_cast<int64_t>(kJournalVersion));
                json["sensorThings"] = Json("1.1");
                json["horizon"] = horizon_json(door.engine->status().horizon);
                reply.send(json_response(200, json.dump()));
              }});
  router.add({Method::get, "/metrics", Where::loop, [door](const Request&, Reply reply) {
                Metrics metrics;
                engine_metrics(metrics, *door.engine);
                watch_metrics(metrics, door.engine->watch_counts());
                metrics.refusals();
                journal_metrics(metrics, *door.engine);
                if (door.server != nullptr) server_metrics(metrics, door.server->counts());
                metrics.gauge("duliang_event_listeners", "Who listens to live events.",
                              static_cast<double>(door.hub->listeners()));
                Response response;
                response.content_type = "text/plain; version=0.0.4; charset=utf-8";
                response.body = metrics.text();
                reply.send(std::move(response));
              }});
}

}  // namespace duliang
