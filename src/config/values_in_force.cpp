// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/config/values_in_force.h"

#include "keys.h"
#include "left_out.h"
#include "values.h"

#include "upnpd/util/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace igd {
namespace {

/// `on` and `yes` are one value, as are `NONE` and `none`.
bool isSame(std::string_view one, std::string_view other) {
    const auto boolean = parseBoolean(one);
    return equalsIgnoringCase(one, other) || (boolean && boolean == parseBoolean(other));
}

class Values {
public:
    explicit Values(const Configuration& configuration) : configuration_(configuration) {}

    /// Adds the lines with that key; `otherwise` is what holds where there are none.
    void add(std::string_view key, const std::string_view* otherwise) {
        bool found = false;
        for (const AssignedValue& each : configuration_.assigned) {
            if (each.key != key) continue;
            found = true;
            const bool isDefault = otherwise != nullptr && isSame(each.value, *otherwise);
            values_.push_back({each.key, each.value, each.place, isDefault});
        }
        if (!found && otherwise != nullptr)
            values_.push_back({std::string{key}, std::string{*otherwise}, "default", true});
    }

    /// Adds what is no key of today's table, in the order of its lines.
    void addOthers() {
        for (const AssignedValue& each : configuration_.assigned)
            if (std::ranges::find(values_, each.key, &ValueInForce::key) == values_.end())
                others_.push_back({each.key, each.value, each.place, false});
        std::ranges::move(others_, std::back_inserter(values_));
    }

    [[nodiscard]] std::vector<ValueInForce> take() { return std::move(values_); }

private:
    const Configuration& configuration_;
    std::vector<ValueInForce> values_;
    std::vector<ValueInForce> others_;
};

/// Returns the interfaces that the host has for a value that names none.
std::string foundFor(const ValueInForce& value, const Configuration& configuration) {
    const bool isSix = value.key == kExternalInterface6Key;
    if (isSix || value.key == kExternalInterfaceKey) {
        const InterfaceName& name =
            isSix ? configuration.externalInterface6 : configuration.externalInterface;
        return name.isNone() || name.text() == value.value ? "" : name.text();
    }
    const auto pattern =
        value.key == kInternalInterfaceKey ? InterfacePattern::parse(value.value) : std::nullopt;
    std::string text;
    if (!pattern) return text;
    for (const InterfaceName& name : configuration.matchedInterfaces)
        if (pattern->matches(name)) text += (text.empty() ? "" : " ") + name.text();
    return text;
}

}  // namespace

std::string placeOf(std::string_view file, std::size_t line) {
    return line == 0 ? std::string{file} : fmt::format("{}:{}", file, line);
}

std::vector<ValueInForce> valuesInForce(const Configuration& configuration) {
    Values values{configuration};
    values.add(kExternalInterfaceKey, nullptr);
    values.add(kExternalInterface6Key, nullptr);
    values.add(kInternalInterfaceKey, nullptr);
    for (const ConfigurationKey& key : configurationKeys()) {
        const std::string_view otherwise = defaultHere(key.name, key.defaultValue);
        values.add(key.name, &otherwise);
    }
    values.addOthers();
    std::vector<ValueInForce> all = values.take();
    for (ValueInForce& each : all) each.found = foundFor(each, configuration);
    return all;
}

}  // namespace igd
