// SPDX-License-Identifier: GPL-2.0-or-later
// Interfaces as the configuration names them before the host is looked at: by a pattern, or as the
// one that a default route leaves by.
#pragma once

#include "upnpd/net/interface_name.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace igd {

/// Names of internal interfaces that come and go: `ve-*` is each whose name begins with `ve-`.
class InterfacePattern {
public:
    auto operator<=>(const InterfacePattern&) const = default;

    /// Reads the characters of an interface's name with at least one `*` among them, and not that
    /// alone. Returns nullopt for anything else.
    [[nodiscard]] static std::optional<InterfacePattern> parse(std::string_view text);

    /// Returns whether `name` has the text in which each `*` stands for any characters, or none.
    [[nodiscard]] bool matches(const InterfaceName& name) const;
    [[nodiscard]] const std::string& text() const { return text_; }

private:
    explicit InterfacePattern(std::string_view text) : text_(text) {}
    std::string text_;
};

/// The value of external_interface and external_interface6.
struct Uplink {
    /// In the order of preference, each once; none: auto, the one that the default route leaves by.
    std::vector<InterfaceName> names{};
    bool operator==(const Uplink&) const = default;

    [[nodiscard]] bool isAuto() const { return names.empty(); }
    [[nodiscard]] bool has(const InterfaceName& name) const;
};

/// Returns the names with blanks between them, or "auto".
[[nodiscard]] std::string toString(const Uplink& uplink);

}  // namespace igd
