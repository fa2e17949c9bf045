// SPDX-License-Identifier: GPL-2.0-or-later
// The service description is written from the service's table (UDA 1.0 section 2.3).
#include "upnpd/igd/description.h"

#include <fmt/format.h>

namespace igd {
namespace {

std::string_view name(DataType type) {
    switch (type) {
        case DataType::String:
            return "string";
        case DataType::Boolean:
            return "boolean";
        case DataType::Ui2:
            return "ui2";
        case DataType::Ui4:
            return "ui4";
    }
    return {};
}

std::string argumentElement(const Argument& argument) {
    return fmt::format(
        "<argument><name>{}</name><direction>{}</direction>"
        "<relatedStateVariable>{}</relatedStateVariable></argument>\n",
        argument.name, argument.direction == Direction::In ? "in" : "out", argument.variable);
}

/// Returns the element. An action without arguments has no argumentList, not an empty one
/// (IGD-WANIPC-06).
std::string actionElement(const Action& action) {
    std::string arguments;
    for (const auto& argument : action.arguments) arguments += argumentElement(argument);
    if (!arguments.empty())
        arguments = fmt::format("<argumentList>\n{}</argumentList>\n", arguments);
    return fmt::format("<action>\n<name>{}</name>\n{}</action>\n", action.name, arguments);
}

std::string allowedValueList(const StateVariable& variable) {
    if (variable.allowedValues.empty()) return {};
    std::string values;
    for (const auto& value : variable.allowedValues)
        values += fmt::format("<allowedValue>{}</allowedValue>", value);
    return fmt::format("<allowedValueList>{}</allowedValueList>", values);
}

std::string allowedValueRange(const StateVariable& variable) {
    if (!variable.range) return {};
    return fmt::format(
        "<allowedValueRange><minimum>{}</minimum><maximum>{}</maximum></allowedValueRange>",
        variable.range->minimum, variable.range->maximum);
}

std::string variableElement(const StateVariable& variable) {
    std::string defaultValue;
    if (!variable.defaultValue.empty())
        defaultValue = fmt::format("<defaultValue>{}</defaultValue>", variable.defaultValue);
    return fmt::format(
        "<stateVariable "
        "sendEvents=\"{}\"><name>{}</name><dataType>{}</dataType>{}{}{}</stateVariable>\n",
        variable.evented ? "yes" : "no", variable.name, name(variable.type), defaultValue,
        allowedValueList(variable), allowedValueRange(variable));
}

}  // namespace

std::string scpdDocument(const Service& service) {
    std::string actions;
    for (const auto& action : service.actions) actions += actionElement(action);
    std::string variables;
    for (const auto& variable : service.variables) variables += variableElement(variable);
    return fmt::format(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"
        "<scpd xmlns=\"urn:schemas-upnp-org:service-1-0\">\n"
        "<specVersion><major>1</major><minor>0</minor></specVersion>\n"
        "<actionList>\n{}</actionList>\n"
        "<serviceStateTable>\n{}</serviceStateTable>\n"
        "</scpd>\n",
        actions, variables);
}

}  // namespace igd
