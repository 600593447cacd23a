// The option as_of=TIME: the house at the end of that second, by whatever question. One row by its
// id is looked up among its versions; for all else a moment is made.
#pragma once

#include "doors/odata/render.h"
#include "engine/engine.h"

namespace duliang {

// The view that the options ask for: of now, or of then.
Result<View> view_for(Engine& engine, std::string_view query);
// answer_get() on that view.
Result<Shown> answer_get(Engine& engine, const Rendering& rendering, std::string_view path,
                         std::string_view query);

}  // namespace duliang
