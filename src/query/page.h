// The page of an answer, filled from candidates that passed: either they come in the order of the
// answer, and the page says which of them are on it, or they come in any order and have keys, and
// the page keeps the first of them. Then it never holds much more than it must, however many come.
// Used by asking.cc alone; nothing here fails.
#pragma once

#include <functional>
#include <variant>
#include <vector>

#include "query/question.h"

namespace duliang {

// What the candidates are ordered by: one value a term of the order, and the id.
struct SortKey {
  std::vector<Value> values;
  RowId id = kNoRow;
};

// As an entity is kept until it is known whether it is on the page.
using Kept = std::variant<Row, Reading>;

class Page {
 public:
  // `order` must outlive the page.
  Page(size_t skip, size_t top, const std::vector<OrderTerm>& order);

  // Whether the next candidate in the order of the answer is on the page.
  bool add_in_order();
  // `entity` is asked for only where the candidate is kept.
  void add(SortKey key, const std::function<Kept()>& entity);

  uint64_t passed() const { return passed_; }
  bool more() const { return top_ > 0 && passed_ > skip_ + top_; }  // one behind the page has come
  bool full() const { return top_ == 0 || more(); }
  // What comes behind it is not on the page; null while that is not known.
  const SortKey* last() const { return last_ ? &*last_ : nullptr; }
  std::vector<Kept> take();  // at the end: what add() has brought

 private:
  struct Held {
    SortKey key;
    Kept entity;
  };
  bool before(const SortKey& a, const SortKey& b) const;
  void forget_last();

  size_t skip_;
  size_t top_;
  const std::vector<OrderTerm>& order_;
  uint64_t passed_ = 0;
  std::vector<Held> held_;
  std::optional<SortKey> last_;
};

}  // namespace duliang
