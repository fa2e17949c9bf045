// SPDX-License-Identifier: GPL-2.0-or-later
// An InterfaceName is the name of a network interface that was checked once.
#pragma once

#include <compare>
#include <optional>
#include <string>
#include <string_view>

namespace igd {

class InterfaceName {
public:
    auto operator<=>(const InterfaceName&) const = default;
    [[nodiscard]] const std::string& text() const { return text_; }

    /// Reads 1..15 bytes (IFNAMSIZ) of letters, digits and . _ - @ : only, no leading dash, not "."
    /// or "..". Such a name is safe in a rule text, a path and a command line. Returns nullopt
    /// otherwise.
    [[nodiscard]] static std::optional<InterfaceName> parse(std::string_view text);

    /// Returns a name that no interface has, for rules and questions about one that is not known.
    [[nodiscard]] static InterfaceName none() { return InterfaceName{"."}; }
    [[nodiscard]] bool isNone() const { return text_ == "."; }

private:
    explicit InterfaceName(std::string_view text) : text_(text) {}
    std::string text_;
};

}  // namespace igd
