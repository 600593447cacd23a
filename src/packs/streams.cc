#include "base/limits.h"
#include "packs/yaml.h"

namespace duliang::source {

void read_streams(const Field& root, Pack& pack) {
  root.expect_keys({"classes"});
  Unique keys;
  for (const Field& field : root.at("classes").items()) {
    field.expect_keys({"key", "streams", "keep_days"});
    pack.stream_classes.push_back({field.at("key").key(), field.at("streams").text(),
                                   field.at("keep_days").integer(1, limits::kPackKeepDays)});
    check_stream_names(field.at("streams"));
    keys.add(field.at("key"), pack.stream_classes.back().key);
  }
}

}  // namespace duliang::source
