#include "ledger/moment.h"

#include "ledger/ledger.h"
#include "ledger/tables.h"

namespace duliang {
namespace {

// What stands since a frame up to then, and what stood then but ended later. The index of a past
// table by `until` leads past all that ended before.
Status copy(Connection& to, std::string_view table, std::string_view columns, uint64_t sequence) {
  TRY(auto statement,
      to.prepare(fmt::format(
          "INSERT INTO main.{0} ({1}) SELECT {1} FROM ledger.{0} WHERE \"sequence\" <= ?1 "
          "UNION ALL SELECT {1} FROM ledger.{2} WHERE \"until\" > ?1 AND \"sequence\" <= ?1",
          table, columns, past_of(table))));
  statement.bind(1, static_cast<int64_t>(sequence));
  return statement.run();
}

Status copy_all(Connection& to, uint64_t sequence) {
  TRY_DO(to.execute("BEGIN"));
  TRY_DO(to.execute(create_statements()));
  for (const EntityType& type : all_types()) {
    if (!has_table(type.id)) continue;
    TRY_DO(copy(to, table_of(type.id), statements_of(type.id).columns, sequence));
    for (size_t i = type.to_one_count(); i < type.relations.size(); ++i)
      TRY_DO(copy(to, link_table_of(type.id, static_cast<int>(i)), kLinkColumns, sequence));
  }
  TRY_DO(to.execute(create_index_statements()));  // sorted once instead of grown row by row
  TRY_DO(write_rows_applied(to, sequence, 0));
  return to.execute("COMMIT");
}

Status build(const LedgerFile& ledger, const LedgerFile& moment, uint64_t sequence) {
  Connection::Options options;
  options.vfs = moment.vfs;
  options.scratch = true;
  TRY(auto to, Connection::open(moment.path, options));
  TRY(auto attach, to.prepare("ATTACH ?1 AS ledger"));
  attach.bind(1, std::string_view(ledger.path));
  TRY_DO(attach.run());
  return copy_all(to, sequence);
}

Status remove_if_there(Files& files, const std::string& path) {
  const Status removed = files.remove(path);
  return removed.ok() || removed.error().code == Code::not_found ? Status() : removed;
}

}  // namespace

Moment::~Moment() { (void)remove_if_there(files_, file_.path); }  // the next at this path tells

Result<Connection> Moment::connect() const {
  Connection::Options options;
  options.vfs = file_.vfs;
  options.read_only = true;
  return Connection::open(file_.path, options);
}

Result<std::shared_ptr<const Moment>> open_moment(Files& files, const LedgerFile& ledger,
                                                  uint64_t sequence, const std::string& path) {
  TRY_DO(remove_if_there(files, path));
  const LedgerFile file{path, ledger.vfs};
  auto moment = std::make_shared<const Moment>(files, file, sequence);
  TRY_DO(build(ledger, file, sequence));
  return moment;
}

}  // namespace duliang
