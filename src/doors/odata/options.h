// The options behind '?': $filter $orderby $top $skip $count $select $expand, of Observations
// $resultFormat, and $skiptoken, which next links have. Anything else that begins with '$' is
// unsupported (501, 18-088 clause 9.3), what does not is bad_input: an option that is not looked at
// would answer another question than was asked.
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
  std::vector<struct Expand> expand;
  bool as_array = false;            // $resultFormat=dataArray
  // All but $expand as they came, decoded.
  std::vector<std::pair<std::string, std::string>> given;
};
// A relation of which the answer shows the entities themselves, in place of a link: each relation
// once, however often it is named. Options of a set where it leads to many.
struct Expand {
  NamedStep step;
  Options options;
};

// Of one entity only $select and $expand are options. Names are those that the face shows.
Result<Options> parse_options(const Resource& resource, Face face, std::string_view query);
// As a query, percent-encoded: what parse_options() took them from, or would.
std::string query_of(const Options& options);
// The query of the next page: the same, going on behind the last that the answer shows, by
// $skiptoken where its order can be asked so, else by $skip. None where there is no more, or where
// that is more than may be skipped.
std::optional<std::string> next_query(std::string_view query, const Question& asked,
                                      const Answer& answer);

}  // namespace duliang
