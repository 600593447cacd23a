// What SQL statements answer, as lines of text: for a person and for tests. The first line of a
// statement names its columns, each row is a line, with tabs between the values. NULL is empty, a
// blob x'6869'; a tab, line end or backslash within a text is written \t, \n, \r or \\, so that a
// row stays a line.
#pragma once

#include <functional>

#include "sqlite/sqlite.h"

namespace duliang {

// All statements of the text, one after the other, to the first error.
Status print_answers(Connection& connection, std::string_view sql,
                     const std::function<void(std::string_view line)>& print);

// Whether the text ends with a whole statement: its semicolon stands outside of texts and comments.
bool ends_statement(const std::string& sql);

}  // namespace duliang
