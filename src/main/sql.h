// `duliang sql`: questions in SQL to a folder that no server holds, over the ledger's tables and
// the readings (series/tables.h). It never writes.
#pragma once

#include <string>

namespace duliang {

struct SqlCommand {
  std::string data;
  std::string sql;  // empty: statements are read from the standard input
};

// Exit codes: 0 all was answered; 1 a statement was not, or the folder can't be read.
int ask_sql(const SqlCommand& command);

}  // namespace duliang
