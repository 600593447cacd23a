// A file as a stream of its text, unpacked where it is gzip, in bounded memory. A file of another
// kind (zip, and so a workbook) is refused with what to do. One thread.
#pragma once

#include <memory>

#include "base/files.h"
#include "doors/csv/csv.h"

namespace duliang {

class TextInput {
 public:
  // not_found, io; unsupported for a kind of file that it does not read. `files` outlives it.
  static Result<TextInput> open(Files& files, const std::string& path);
  ~TextInput();
  TextInput(TextInput&&) noexcept;

  // As a ByteSource. corrupt: gzip that is cut off or damaged.
  Result<size_t> read(char* into, size_t size);
  // How much of the file is read, from 0 to 1.
  double share() const;

 private:
  struct State;
  explicit TextInput(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace duliang
