// What the tests of this room ask of a connection.
#pragma once

#include <gtest/gtest.h>

#include "sqlite/sqlite.h"

namespace duliang {

// The first column of the first row.
inline int64_t integer_of(Connection& connection, std::string_view sql) {
  auto statement = connection.prepare(sql).value();
  EXPECT_TRUE(statement.step().value());
  return statement.integer(0);
}

}  // namespace duliang
