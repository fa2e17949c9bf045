// SPDX-License-Identifier: GPL-2.0-or-later
// Answers of a server, made by hand.
#pragma once

#include "reply.h"

namespace igd::redis {

inline Reply text(std::string value) {
    return {.kind = Reply::Kind::Text, .text = std::move(value), .items = {}};
}
inline Reply number(std::int64_t value) {
    return {.kind = Reply::Kind::Number, .number = value, .items = {}};
}
inline Reply list(std::vector<Reply> items) {
    return {.kind = Reply::Kind::List, .items = std::move(items)};
}
inline Reply error(std::string value) {
    return {.kind = Reply::Kind::Error, .text = std::move(value), .items = {}};
}
inline Reply nothing() {
    return {.items = {}};
}

}  // namespace igd::redis
