// SPDX-License-Identifier: GPL-2.0-or-later
// The in-arguments of one call become values of their data types, by the service's table.
#pragma once

#include "upnpd/igd/actions.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace igd {

class Arguments {
public:
    /// Reads the arguments by name, in any order; an argument that the table does not know is
    /// ignored (IGD-SOAP-11). Error: 402 for an argument that is missing and may not be, that is
    /// there twice, or that is not of its type.
    [[nodiscard]] static tl::expected<Arguments, UpnpError> decode(
        const Service& service, const Action& action, const std::vector<ArgumentValue>& given);

    /// Returns a value. `name` must be an in-argument of that type in the table.
    [[nodiscard]] const std::string& text(std::string_view name) const {
        return get<std::string>(name);
    }
    [[nodiscard]] bool boolean(std::string_view name) const { return get<bool>(name); }
    [[nodiscard]] std::uint16_t ui2(std::string_view name) const {
        return get<std::uint16_t>(name);
    }
    [[nodiscard]] std::uint32_t ui4(std::string_view name) const {
        return get<std::uint32_t>(name);
    }

private:
    using Value = std::variant<std::string, bool, std::uint16_t, std::uint32_t>;
    struct Entry {
        std::string_view name;
        Value value;
    };

    [[nodiscard]] static std::optional<Value> valueOf(std::string_view text,
                                                      const StateVariable& variable);
    [[nodiscard]] const Value& find(std::string_view name) const;
    template <class T>
    [[nodiscard]] const T& get(std::string_view name) const {
        return std::get<T>(find(name));
    }

    std::vector<Entry> entries_;
};

}  // namespace igd
