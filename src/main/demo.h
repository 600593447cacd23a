// The demo: a timeline of the packs, played in real time by a client of the public doors, from a
// thread of its own. Nothing in the server knows of it; when the server goes, it has nobody to talk
// to.
#pragma once

#include <memory>
#include <string>

#include "base/files.h"

namespace duliang {

class Demo {
 public:
  // Plays the first `demo.tl` of the packs in the folder against the server at this address.
  static Result<std::unique_ptr<Demo>> start(Files& files, const std::string& packs,
                                             const std::string& address, unsigned short port);
  ~Demo();  // stops it

 private:
  struct State;
  explicit Demo(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace duliang
