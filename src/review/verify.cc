#include "engine/engine.h"
#include "engine/state.h"
#include "journal/segment.h"
#include "review/folder.h"
#include "series/verify.h"

namespace duliang {
namespace {

class Verifier {
 public:
  Verifier(const ReviewInput& input, const Print& print) : input_(input), print_(print) {}

  Result<Report> run() {
    TRY_DO(noted(chain()));
    TRY_DO(noted(ledger()));
    if (report_.well) print_("All is well.");
    return std::move(report_);
  }

 private:
  void fault(const std::string& what) {
    if (report_.well) report_.first_fault = what;
    report_.well = false;
    print_("FAULT: " + what);
  }

  // Damage, or a file that is gone, is a fault that is told with its file, and what can still be
  // looked at is.
  Status noted(const Status& looked) {
    if (looked.ok()) return {};
    const Error& error = looked.error();
    if (error.code != Code::corrupt && error.code != Code::not_found) return error;
    const bool named = error.message.find(error.field) != std::string::npos;
    fault(named ? error.message : fmt::format("{} ({})", error.message, error.field));
    return {};
  }

  Status chain() {
    TRY(log_, FileLog::open(*input_.files, journal_folder(input_.folder), false));
    file_end_ = log_->file_of(log_->end().value());
    begin_ = tail_ = log_->begin();
    const auto tail = read_frames(*log_, begin_, [this](const Frame& frame, const Tail& behind) {
      ++report_.frames;
      report_.readings += frame.body.readings.size();
      report_.rows += frame.body.changes.size();
      tail_ = behind;
      return true;
    });
    if (!tail.ok()) {
      Error error = tail.error();
      if (error.field.empty()) error.field = log_->file_of(tail_.place);
      return error;
    }
    tail_ = *tail;
    print_(fmt::format("Journal: {} frames with {} readings and {} row changes; the chain holds.",
                       report_.frames, report_.readings, report_.rows));
    if (const auto horizon = log_->horizon()) {
      print_(fmt::format("Frames up to {} of {} are retired; the chain goes on from their hash {}.",
                         begin_.sequence, to_text(horizon->time), to_hex(begin_.hash)));
    }
    print_(fmt::format("Head of the chain: frame {}, {}.", tail_.sequence, to_hex(tail_.hash)));
    print_lost_tail(*log_, print_);
    return {};
  }

  Status ledger() {
    TRY(const auto stands, reached(input_));
    if (!stands) {
      if (begin_.sequence > 0) {
        fault("Ledger: none, and the journal it could be built from is retired in part.");
      } else if (tail_.sequence > 0) {
        print_("Ledger: none; the next start builds it from the journal.");
      }
      return {};
    }
    Connection::Options options;
    options.vfs = input_.vfs;
    options.read_only = true;
    TRY(Connection connection, Connection::open(ledger_path(input_.folder), options));
    TRY(Statement check, connection.prepare("PRAGMA integrity_check"));
    TRY(const bool row, check.step());
    if (!row || check.text(0) != "ok") {
      fault(fmt::format("{}: {}", ledger_path(input_.folder), check.text(0)));
    }
    check.reset();
    const std::string wrong =
        report_.well ? disagreement(*stands, begin_.sequence, tail_.sequence) : "";
    if (!wrong.empty()) {
      fault(fmt::format("{} It ends at place {} ({}).", wrong, to_hex(tail_.place), file_end_));
    }
    print_(fmt::format("Ledger: rows of frame {}, readings in parts up to frame {}.", stands->rows,
                       stands->parts));
    return readings(connection, stands->tail);
  }

  // What is behind the parts is read again only where the whole chain could be.
  Status readings(Connection& connection, const Tail& behind_parts) {
    const bool chain_holds = report_.well;
    const std::string folder = parts_folder(input_.folder);
    TRY(auto verifier,
        SeriesVerifier::open(*input_.files, folder, connection,
                             [this](const Error& error) { (void)noted(error); }));
    TRY(const auto unnamed, verifier.unnamed_parts());
    for (const std::string& name : unnamed) {
      print_(fmt::format("No manifest names {}/{}; the next start removes it.", folder, name));
    }
    TRY_DO(verifier.verify_parts());
    if (chain_holds) {
      TRY_DO(read_frames(*log_, behind_parts, [&verifier](const Frame& frame, const Tail&) {
        for (const NumberedReading& reading : frame.body.readings) verifier.take(reading.reading);
        return true;
      }));
    }
    verifier.verify_changes(chain_holds);
    return {};
  }

  const ReviewInput& input_;
  const Print& print_;
  Report report_;
  std::unique_ptr<FileLog> log_;
  Tail begin_;            // of what is there
  Tail tail_;             // as far as the journal could be read
  std::string file_end_;  // of the journal
};

}  // namespace

Result<Report> verify(const ReviewInput& input, const Print& print) {
  TRY(const File lock, lock_folder(input));
  return Verifier(input, print).run();
}

Result<Report> dump(const ReviewInput& input, const Print& print) {
  EngineOptions options;
  options.folder = input.folder;
  options.vfs = input.vfs;
  options.read_only = true;
  options.untouched = true;
  TRY(const bool exists, input.files->exists(input.folder + "/lock"));
  if (!exists) {
    return Error{Code::not_found, fmt::format("{} is no data folder.", input.folder), "data"};
  }
  TRY(const auto engine, Engine::open(options, *input.clock, *input.files, Random(0)));
  Report report;
  TRY(const View view, engine->view());
  TRY_DO(dump_rows(*view.lease, [&](std::string_view line) {
    ++report.rows;
    print(line);
  }));
  TRY_DO(dump_readings(view.series, *view.lease, [&](std::string_view line) {
    ++report.readings;
    print(line);
  }));
  report.frames = engine->status().sequence;
  return report;
}

Result<Report> replay(const ReviewInput& input, const std::string& to, const Print& print) {
  TRY(const File lock, lock_folder(input));
  TRY(const bool exists, input.files->exists(journal_folder(to)));
  if (exists) return Error{Code::conflict, fmt::format("{} exists already.", to), "to"};
  TRY(const auto from_log, FileLog::open(*input.files, journal_folder(input.folder), false));
  TRY_DO(refuse_retired(*from_log,
                        "A folder is built from the first frame on; to have this one elsewhere use "
                        "backup and restore."));
  TRY_DO(input.files->make_folder(to));
  Report report;
  {
    TRY(const auto to_log, FileLog::open(*input.files, journal_folder(to), true));
    Status copied;
    Place place = 0;
    while (true) {
      TRY(const Place next,
          from_log->read(place, size_t{8} << 20, [&](Place, std::string_view record) {
            to_log->append(record, Durability::process, [&copied](const AppendResult& result) {
              if (!result.ok) copied = Error{Code::io, result.why, "to"};
            });
            return copied.ok();
          }));
      TRY_DO(copied);
      if (next == place) break;
      place = next;
    }
    TRY_DO(to_log->sync());
  }
  EngineOptions options;
  options.folder = to;
  options.vfs = input.vfs;
  options.read_only = true;
  TRY(const auto engine, Engine::open(options, *input.clock, *input.files, Random(0)));
  TRY_DO(engine->checkpoint());
  report.frames = engine->status().sequence;
  print(fmt::format("Built {} from {} frames.", to, report.frames));
  return report;
}

}  // namespace duliang
