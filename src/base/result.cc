#include "base/result.h"

#include <array>

namespace duliang {

namespace {

// In the order of Code.
constexpr std::array<CodeInfo, 12> kCodes{{
    {400, "bad_input", "请求内容有误", "The request is wrong"},
    {403, "forbidden", "无权进行此操作", "This is not allowed to you"},
    {404, "not_found", "所指对象不存在", "What was named does not exist"},
    {409, "conflict", "当前状态不允许此操作", "The present state does not allow this"},
    {413, "too_large", "超出大小限制", "This is above a limit"},
    {429, "too_many", "请求过多，请稍后重试", "Too many requests; try again later"},
    {501, "unsupported", "不支持标准的这一部分", "This part of the standard is not offered"},
    {503, "unavailable", "服务暂时不可用", "This cannot be done now"},
    {507, "no_room", "存储空间不足", "There is no room on the disk"},
    {500, "io", "存储或网络设备出错", "The machine failed"},
    {500, "corrupt", "数据校验失败", "Stored data does not check"},
    {412, "precondition_failed", "对象已被他人修改", "It was changed meanwhile"},
}};

}  // namespace

const CodeInfo& info(Code code) {
  const auto index = static_cast<size_t>(code);
  CHECK(index < kCodes.size());
  return kCodes[index];
}

}  // namespace duliang
