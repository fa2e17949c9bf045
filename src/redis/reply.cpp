// SPDX-License-Identifier: GPL-2.0-or-later
#include "reply.h"

#include "upnpd/util/parse.h"

#include <new>
#include <utility>

#include <hiredis/hiredis.h>
#include <hiredis/read.h>

namespace igd::redis {

/// Functions that hiredis calls for each part of an answer. Lists get all their places at once, so
/// that the places stay where they are.
struct Builder {
    static ReplyReader& reader(const redisReadTask* task) {
        return *static_cast<ReplyReader*>(task->privdata);
    }

    static Reply* place(const redisReadTask* task, Reply::Kind kind) {
        Reply* place = &reader(task).root_;
        if (task->parent != nullptr) {
            auto* const list = static_cast<Reply*>(task->parent->obj);
            if (list == nullptr || static_cast<std::size_t>(task->idx) >= list->items.size())
                return nullptr;
            place = &list->items[static_cast<std::size_t>(task->idx)];
        }
        *place = Reply{.kind = kind, .items = {}};
        return place;
    }

    /// hiredis itself had a bound before 1.0.1; a list ends its items, each within the other.
    static bool isTooDeep(const redisReadTask* task) {
        unsigned depth = 0;
        for (; task->parent != nullptr; task = task->parent)
            if (++depth == ReplyReader::kMostDepth) return true;
        return false;
    }

    static void* text(const redisReadTask* task, char* octets, std::size_t size) {
        const bool isError = task->type == REDIS_REPLY_ERROR;
        Reply* const made = place(task, isError ? Reply::Kind::Error : Reply::Kind::Text);
        if (made != nullptr) made->text.assign(octets, size);
        return made;
    }

    /// The type of `count` is another one in each version of hiredis.
    template <class Count>
    static void* list(const redisReadTask* task, Count count) {
        std::size_t& items = reader(task).items_;
        const auto more = static_cast<std::size_t>(count);
        if (more > ReplyReader::kMostItems - items || isTooDeep(task)) return nullptr;
        items += more;
        Reply* const made = place(task, Reply::Kind::List);
        if (made != nullptr) made->items.resize(more);
        return made;
    }

    static void* number(const redisReadTask* task, long long value) {
        Reply* const made = place(task, Reply::Kind::Number);
        if (made != nullptr) made->number = value;
        return made;
    }

    static void* nothing(const redisReadTask* task) { return place(task, Reply::Kind::Nothing); }
    static void free(void* /*reply*/) {}

    static redisReplyObjectFunctions* functions() {
        static redisReplyObjectFunctions all = [] {
            redisReplyObjectFunctions made{};
            made.createString = &text;
            made.createArray = &list;
            made.createInteger = &number;
            made.createNil = &nothing;
            made.freeObject = &free;
            return made;
        }();
        return &all;
    }
};

std::uint64_t Reply::asCount() const {
    if (kind == Kind::Number) return number < 0 ? 0 : static_cast<std::uint64_t>(number);
    return kind == Kind::Text ? parseUnsigned<std::uint64_t>(text).value_or(0) : 0;
}

const Reply& Reply::at(std::size_t index) const {
    static const Reply kNothing{.items = {}};
    return index < items.size() ? items[index] : kNothing;
}

ReplyReader::ReplyReader() : reader_(::redisReaderCreateWithFunctions(Builder::functions())) {
    if (!reader_) throw std::bad_alloc{};
    reader_->privdata = this;
}

void ReplyReader::Free::operator()(redisReader* reader) const {
    ::redisReaderFree(reader);
}

bool ReplyReader::feed(std::string_view octets) {
    failed_ = failed_ || reader_->len - reader_->pos + octets.size() > kMostOctets ||
              ::redisReaderFeed(reader_.get(), octets.data(), octets.size()) != REDIS_OK;
    return !failed_;
}

std::optional<Reply> ReplyReader::next() {
    if (failed_) return std::nullopt;
    void* whole = nullptr;
    failed_ = ::redisReaderGetReply(reader_.get(), &whole) != REDIS_OK;
    if (failed_ || whole == nullptr) return std::nullopt;
    items_ = 0;
    return std::exchange(root_, Reply{.items = {}});
}

std::string encoded(const Command& command) {
    std::vector<const char*> words;
    std::vector<std::size_t> sizes;
    for (const std::string& word : command) {
        words.push_back(word.data());
        sizes.push_back(word.size());
    }
    char* octets = nullptr;
    const auto size = ::redisFormatCommandArgv(&octets, static_cast<int>(words.size()),
                                               words.data(), sizes.data());
    if (size < 0) throw std::bad_alloc{};
    std::string result{octets, static_cast<std::size_t>(size)};
    ::redisFreeCommand(octets);
    return result;
}

}  // namespace igd::redis
