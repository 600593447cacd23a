// Runs a fuzz target over every file of a folder, and over each of them cut short and with a bit
// flipped: a small fuzzer where there is no libFuzzer.
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace {

void run(const std::string& bytes) {
  LLVMFuzzerTestOneInput(reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size());
}

}  // namespace

int main(int argc, char** argv) {
  int files = 0;
  for (int i = 1; i < argc; ++i) {
    for (const auto& entry : std::filesystem::directory_iterator(argv[i])) {
      std::ifstream file(entry.path(), std::ios::binary);
      const std::string bytes{std::istreambuf_iterator<char>(file), {}};
      run(bytes);
      const size_t step = bytes.size() / 64 + 1;
      for (size_t at = 0; at < bytes.size(); at += step) {
        run(bytes.substr(0, at));
        std::string flipped = bytes;
        flipped[at] = static_cast<char>(flipped[at] ^ (1 << (at % 8)));
        run(flipped);
      }
      ++files;
    }
  }
  std::printf("%d files of the corpus\n", files);
  return files == 0 ? 1 : 0;
}
