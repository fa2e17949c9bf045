// SPDX-License-Identifier: GPL-2.0-or-later
#include "xml_elements.h"

#include "upnpd/util/text.h"

#include <expat.h>

#include <memory>
#include <new>

namespace igd::above {
namespace {

constexpr std::size_t kMaxDepth = 24;
constexpr std::size_t kMaxElements = 2000;
constexpr std::size_t kMostText = 1024;
constexpr std::size_t kMaxName = 64;

std::string_view localName(std::string_view name) {
    const auto colon = name.rfind(':');
    return colon == std::string_view::npos ? name : name.substr(colon + 1);
}

/// Puts a class around expat, whose callbacks must not throw.
class ElementReader {
public:
    ElementReader() : parser_(XML_ParserCreate(nullptr)) {
        if (!parser_) throw std::bad_alloc{};
        XML_SetUserData(parser_.get(), this);
        XML_SetElementHandler(parser_.get(), onStart, onEnd);
        XML_SetCharacterDataHandler(parser_.get(), onText);
        XML_SetStartDoctypeDeclHandler(parser_.get(), onDoctype);
    }
    ElementReader(const ElementReader&) = delete;
    ElementReader& operator=(const ElementReader&) = delete;
    ~ElementReader() = default;

    [[nodiscard]] std::optional<std::vector<XmlElement>> read(std::string_view document) {
        const auto status =
            XML_Parse(parser_.get(), document.data(), static_cast<int>(document.size()), XML_TRUE);
        if (status != XML_STATUS_OK || refused_) return std::nullopt;
        for (XmlElement& element : elements_) element.text = trimmed(element.text);
        return std::move(elements_);
    }

private:
    struct Free {
        void operator()(XML_Parser parser) const noexcept { XML_ParserFree(parser); }
    };

    bool start(std::string_view name) {
        const std::string_view local = localName(name);
        if (open_.size() >= kMaxDepth || elements_.size() >= kMaxElements ||
            local.size() > kMaxName)
            return false;
        open_.push_back(elements_.size());
        elements_.push_back({open_.size(), std::string{local}, {}});
        return true;
    }
    bool text(std::string_view piece) {
        if (open_.empty()) return true;
        std::string& own = elements_[open_.back()].text;
        own += piece;
        return own.size() <= kMostText;
    }

    template <class Step>
    static void advance(void* self, Step step) noexcept {
        auto& reader = *static_cast<ElementReader*>(self);
        if (reader.refused_) return;
        try {
            reader.refused_ = !step(reader);
        } catch (...) {  // the document is lost, the process is not
            reader.refused_ = true;
        }
        if (reader.refused_) XML_StopParser(reader.parser_.get(), XML_FALSE);
    }
    static void XMLCALL onStart(void* self, const XML_Char* name,
                                const XML_Char** /*attributes*/) noexcept {
        advance(self, [&](ElementReader& reader) { return reader.start(name); });
    }
    static void XMLCALL onEnd(void* self, const XML_Char* /*name*/) noexcept {
        advance(self, [](ElementReader& reader) {
            reader.open_.pop_back();
            return true;
        });
    }
    static void XMLCALL onText(void* self, const XML_Char* text, int length) noexcept {
        advance(self, [&](ElementReader& reader) {
            return reader.text({text, static_cast<std::size_t>(length)});
        });
    }
    static void XMLCALL onDoctype(void* self, const XML_Char* /*name*/, const XML_Char* /*system*/,
                                  const XML_Char* /*public*/, int /*internal*/) noexcept {
        advance(self, [](ElementReader&) { return false; });
    }

    std::unique_ptr<XML_ParserStruct, Free> parser_;
    std::vector<XmlElement> elements_;
    std::vector<std::size_t> open_;  ///< places of those that have not ended
    bool refused_ = false;
};

}  // namespace

std::optional<std::vector<XmlElement>> readElements(std::string_view document) {
    return ElementReader{}.read(document);
}

}  // namespace igd::above
