// `duliang serve`: opens the folder, loads the packs, brings the doors to the net, and runs until
// it is told to stop.
#pragma once

#include <string>

#include "base/result.h"
#include "journal/log.h"

namespace duliang {

struct ServeOptions {
  std::string data;
  std::string address = "127.0.0.1";
  unsigned short port = 8080;
  std::string packs = "packs";  // folder of packs
  bool demo = false;
  bool open = false;  // no credentials asked; so it is anyway until there are accounts
  Durability readings_durability = Durability::power;
  bool trust_clock = false;  // see EngineOptions
  int keep_journal_days = 400;  // 0: for ever
};

Status serve(const ServeOptions& options);

// "127.0.0.1:8080", "[::1]:8080"; bad_input otherwise, and for an address that is not loopback:
// that needs TLS and accounts, which this version does not have.
Status parse_listen(const std::string& text, ServeOptions& options);

}  // namespace duliang
