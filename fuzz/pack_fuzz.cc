// The files of a pack: any bytes as its rules, workflows and places. A pack that is accepted
// survives the way into its ledger rows and back.
#include <cstdint>

#include "base/check.h"
#include "packs/pack.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace duliang;
  if (size == 0) return 0;
  const std::string text(reinterpret_cast<const char*>(data + 1), size - 1);
  const char* kFiles[] = {"rules.yaml", "workflows.yaml", "places.yaml"};
  const auto pack =
      check_pack({{"pack.yaml", "pack: p\nversion: \"1\"\nname: {zh: 试, en: Trial}\n"},
                  {kFiles[data[0] % 3], text}});
  if (!pack.ok()) {
    CHECK(!pack.error().message.empty());
    return 0;
  }
  for (const RuleDeclaration& rule : pack->rules) CHECK(rule_from_json(to_json(rule)).ok());
  for (const WorkflowDeclaration& workflow : pack->workflows) {
    CHECK(workflow_from_json(to_json(workflow)).ok());
  }
  return 0;
}
