// Opening a house reads every frame behind the checkpoint: from the log, checked, hashed and
// decoded, then applied. The two halves cost the same, so a thread of its own does the first ahead
// of the second, and a house with much behind its checkpoint is back in half the time.
#pragma once

#include <functional>

#include "journal/journal.h"

namespace duliang {

// As journal.follow(sink): the same frames in the same order, `sink` on the caller's thread, and
// the same error; but what was read ahead of a sink that failed is behind the journal's tail. Until
// it returns nobody else may use the journal or its log.
Status follow_ahead(Journal& journal, const std::function<Status(Frame&)>& sink);

}  // namespace duliang
