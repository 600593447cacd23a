// What every door says of a command, out of the request that asks for it.
#pragma once

#include "doors/http/http.h"
#include "engine/command.h"

namespace duliang {

inline Command command_of(const Request& request, const char* door,
                          decltype(Command::body) body) {
  Command command;
  command.actor = request.actor;
  command.door = door;
  command.key = request.idempotency_key;
  command.if_match = request.if_match;
  command.body = std::move(body);
  return command;
}

}  // namespace duliang
