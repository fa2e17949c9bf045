// SPDX-License-Identifier: GPL-2.0-or-later
// Any bytes as the body of a form of the page: a field has no more octets than stand there, and
// what an encoder would write is read back.
#include "page/form.h"

#include <fmt/format.h>

#include <cstdint>
#include <cstdlib>

namespace {

using namespace igd::upnp;

std::string encoded(std::string_view text) {
    std::string result;
    for (const char c : text) result += fmt::format("%{:02x}", static_cast<unsigned char>(c));
    return result;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view body{reinterpret_cast<const char*>(data), size};
    for (const auto* name : {"token", "id", "password", ""}) {
        const auto value = formField(body, name);
        if (!value) continue;
        if (value->size() > body.size()) std::abort();
        const auto again = "x=1&y=" + encoded(*value) + "&y=2";
        if (again.size() <= kMaxForm && formField(again, "y") != value) std::abort();
    }
    return 0;
}
