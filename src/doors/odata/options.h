// The options behind '?': $filter $orderby $top $skip $count $select. Anything else that begins
// with '$' is unsupported (501, 18-088 clause 9.3), what does not is bad_input: an option that is
// not looked at would answer another question than was asked.
#pragma once

#include <string>
#include <vector>

#include "doors/http/http.h"
#include "doors/odata/resource.h"

namespace duliang {

// Names the moment that is asked about; which view that is is as_of.h's to say.
inline constexpr std::string_view kAsOf = "as_of";

struct Options {
  Question question;                // type, by and from are the resource's
  std::vector<std::string> select;  // empty: everything
};

// Of one entity only $select is an option. Names are those that the face shows.
Result<Options> parse_options(const Resource& resource, Face face, std::string_view query);
// The query of the next page: the same with $skip moved on. None where that is more than may be
// skipped.
std::optional<std::string> next_query(std::string_view query, size_t skip);

}  // namespace duliang
