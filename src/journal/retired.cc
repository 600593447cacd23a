#include "journal/retired.h"

#include "base/bytes.h"

namespace duliang {
namespace {

constexpr std::string_view kListMagic = "DJRT";
constexpr uint8_t kListVersion = 1;
constexpr size_t kCrcBytes = 4;

std::string path_in(const std::string& folder) { return folder + "/retired"; }

}  // namespace

Result<Retired> read_retired(Files& files, const std::string& folder) {
  TRY(const bool any, files.exists(path_in(folder)));
  if (!any) return Retired{};
  TRY(const std::string bytes, read_file(files, path_in(folder)));
  const Error broken{Code::corrupt, "The list of retired segments is damaged.", path_in(folder)};
  if (bytes.size() < kCrcBytes) return broken;
  const std::string_view content = std::string_view(bytes).substr(0, bytes.size() - kCrcBytes);
  Reader sum(std::string_view(bytes).substr(content.size()));
  Reader in(content);
  if (in.bytes(kListMagic.size()) != kListMagic || sum.u32() != crc32c(content)) return broken;
  if (in.u8() != kListVersion)
    return Error{Code::unsupported,
                 "The list of retired segments is of a version that this program cannot read.",
                 path_in(folder)};
  Retired retired;
  for (size_t left = in.count(); left > 0 && in.ok(); --left) {
    const SegmentSummary summary = get_summary(in);
    const bool joins = retired.empty() || retired.back().tail.place == summary.first;
    if (!joins || summary.tail.place <= summary.first) return broken;
    retired.push_back(summary);
  }
  return in.done() ? Result<Retired>(std::move(retired)) : broken;
}

Status write_retired(Files& files, const std::string& folder, const Retired& retired) {
  std::string bytes(kListMagic);
  put_u8(bytes, kListVersion);
  put_varint(bytes, retired.size());
  for (const SegmentSummary& summary : retired) put_summary(bytes, summary);
  put_u32(bytes, crc32c(bytes));
  return replace_file(files, path_in(folder), bytes);
}

}  // namespace duliang
