// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/util/send_buffer.h"

#include <array>
#include <cstdint>

#include <linux/sock_diag.h>
#include <sys/socket.h>

namespace igd {
namespace {

#ifndef SO_MEMINFO
constexpr int SO_MEMINFO = 55;
#endif

}  // namespace

bool isHalfFull(int socket) {
    std::array<std::uint32_t, SK_MEMINFO_VARS> numbers{};
    socklen_t size = sizeof numbers;
    if (::getsockopt(socket, SOL_SOCKET, SO_MEMINFO, numbers.data(), &size) != 0) return true;
    return numbers[SK_MEMINFO_WMEM_ALLOC] >= numbers[SK_MEMINFO_SNDBUF] / 2;
}

}  // namespace igd
