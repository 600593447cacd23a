// The page of an answer, filled from candidates that passed: either they come in the order of the
// answer, and the page takes those behind `skip`, or they come in any order and have keys, and the
// page keeps the first of them. Then it never holds much more than it must, however many come. Used
// by question.cc alone; nothing here fails.
#pragma once

#include <functional>
#include <vector>

#include "query/question.h"

namespace duliang {

// What the candidates are ordered by: one value a term of the order, and the id.
struct SortKey {
  std::vector<Value> values;
  RowId id = kNoRow;
};

class Page {
 public:
  // `order` must outlive the page.
  Page(size_t skip, size_t top, const std::vector<OrderTerm>& order);

  // `row` is asked for only where the candidate is kept.
  void add_in_order(const std::function<Row()>& row);
  void add(SortKey key, const std::function<Row()>& row);

  uint64_t passed() const { return passed_; }
  bool more() const { return top_ > 0 && passed_ > skip_ + top_; }  // one behind the page has come
  bool full() const { return top_ == 0 || more(); }
  // What comes behind it is not on the page; null while that is not known.
  const SortKey* last() const { return last_ ? &*last_ : nullptr; }
  std::vector<Row> take();  // at the end

 private:
  struct Held {
    SortKey key;
    Row row;
  };
  bool before(const SortKey& a, const SortKey& b) const;
  void forget_last();

  size_t skip_;
  size_t top_;
  const std::vector<OrderTerm>& order_;
  uint64_t passed_ = 0;
  std::vector<Row> rows_;           // of add_in_order
  std::vector<Held> held_;          // of add
  std::optional<SortKey> last_;
};

}  // namespace duliang
