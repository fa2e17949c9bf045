// SPDX-License-Identifier: GPL-2.0-or-later
#include "members.h"

namespace igd::ctl {
namespace {

const Json* at(const Json& object, const char* key) {
    if (!object.is_object()) return nullptr;
    const auto found = object.find(key);
    return found == object.end() ? nullptr : &*found;
}

}  // namespace

std::string textOf(const Json& object, const char* key, const std::string& otherwise) {
    const Json* const found = at(object, key);
    return found != nullptr && found->is_string() ? found->get<std::string>() : otherwise;
}

std::optional<std::int64_t> numberOf(const Json& object, const char* key) {
    const Json* const found = at(object, key);
    if (found == nullptr || !found->is_number_integer()) return std::nullopt;
    return found->get<std::int64_t>();
}

Json objectOf(const Json& object, const char* key) {
    const Json* const found = at(object, key);
    return found != nullptr && found->is_object() ? *found : Json::object();
}

Json listOf(const Json& object, const char* key) {
    const Json* const found = at(object, key);
    return found != nullptr && found->is_array() ? *found : Json::array();
}

}  // namespace igd::ctl
