// SPDX-License-Identifier: GPL-2.0-or-later
// Texts that clients have chosen, as they travel: clean UTF-8 with a bound.
#pragma once

#include "upnpd/ipc/codec.h"
#include "upnpd/portmap/mapping.h"
#include "upnpd/util/text.h"

namespace igd::ipc {

/// Clean UTF-8, as every door makes it.
template <class Io, class Text>
void description(Io& io, Text& text) {
    io.text(text, kMaxDescription);
    io.require(cleanUtf8(text, kMaxDescription) == text);
}
/// The name that a program gives itself, as the front end has cleaned it.
template <class Io, class Text>
void agent(Io& io, Text& text) {
    io.text(text, kMaxAgent);
    io.require(cleanUtf8(text, kMaxAgent) == text);
}

}  // namespace igd::ipc
