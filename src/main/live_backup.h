// `duliang backup --url`: a backup of a house that runs, by its door /backup.
#pragma once

#include "review/review.h"

namespace duliang {

// unavailable where nobody answers, conflict where another backup is being taken; an interrupted
// one leaves `into`-unfinished.
Result<Report> backup_of_server(const std::string& url, const ReviewInput& into,
                                const Print& print);

}  // namespace duliang
