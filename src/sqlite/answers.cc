#include "sqlite/answers.h"

#include <sqlite3.h>

namespace duliang {
namespace {

void append_text(std::string& line, std::string_view text) {
  for (const char c : text) {
    switch (c) {
      case '\t': line += "\\t"; break;
      case '\n': line += "\\n"; break;
      case '\r': line += "\\r"; break;
      case '\\': line += "\\\\"; break;
      default: line += c;
    }
  }
}

void append_value(std::string& line, const Statement& row, int column) {
  if (row.kind(column) == Statement::Kind::null) return;
  if (row.kind(column) != Statement::Kind::blob) return append_text(line, row.text(column));
  line += "x'";
  for (const char byte : row.blob(column)) {
    line += fmt::format("{:02x}", static_cast<unsigned char>(byte));
  }
  line += "'";
}

Status print_statement(Statement& statement,
                       const std::function<void(std::string_view line)>& print) {
  const auto print_line = [&](const auto& append) {
    std::string line;
    for (int column = 0; column < statement.columns(); ++column) {
      if (column > 0) line += '\t';
      append(line, column);
    }
    print(line);
  };
  if (statement.columns() == 0) return statement.run();
  print_line([&](std::string& line, int column) { append_text(line, statement.name(column)); });
  for (;;) {
    TRY(const bool row, statement.step());
    if (!row) return {};
    print_line([&](std::string& line, int column) { append_value(line, statement, column); });
  }
}

}  // namespace

Status print_answers(Connection& connection, std::string_view sql,
                     const std::function<void(std::string_view line)>& print) {
  while (!sql.empty()) {
    TRY(auto statement, connection.prepare_first(sql));
    if (statement) TRY_DO(print_statement(*statement, print));
  }
  return {};
}

bool ends_statement(const std::string& sql) { return sqlite3_complete(sql.c_str()) == 1; }

}  // namespace duliang
