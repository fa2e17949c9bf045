// SPDX-License-Identifier: GPL-2.0-or-later
// A small Redis server in the loop of a test, at a UNIX socket: as much of it as a store of leases
// asks for. What is wrong with it is for the test to say.
#pragma once

#include "reply.h"
#include "temporary_folder.h"

#include "upnpd/store/store_setting.h"

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>

#include <array>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace igd::redis {

class FakeServer {
public:
    explicit FakeServer(boost::asio::io_context& loop)
        : loop_(loop), acceptor_(loop, Protocol::endpoint{(folder_ / "redis").string()}) {
        accept();
    }

    [[nodiscard]] StoreSetting setting() const { return {.place = folder_ / "redis"}; }

    /// Returns the answer to a command in place of the server's; empty: it answers itself.
    std::function<std::string(const Command&)> instead = [](const Command&) { return ""; };
    std::vector<Command> asked;
    std::map<std::string, std::string> texts;
    std::map<std::string, std::map<std::string, std::string>> hashes;
    std::vector<std::vector<std::string>> changes;  ///< names and values
    bool isSilent = false;

    /// Closes all connections.
    void hangUp() { clients_.clear(); }
    void loseAll() {
        texts.clear();
        hashes.clear();
        changes.clear();
    }

private:
    using Protocol = boost::asio::local::stream_protocol;
    struct Client {
        explicit Client(boost::asio::io_context& loop) : socket(loop), pause(loop) {}
        Protocol::socket socket;
        boost::asio::steady_timer pause;
        ReplyReader reader;
        std::array<char, 4096> buffer{};
        bool collects = false;
        std::vector<Command> collected;
        std::map<std::string, std::string> watched;
    };

    void accept() {
        auto client = std::make_shared<Client>(loop_);
        acceptor_.async_accept(client->socket, [this, client](boost::system::error_code error) {
            if (error) return;
            clients_.push_back(client);
            read(client);
            accept();
        });
    }
    void read(const std::weak_ptr<Client>& weak) {
        const auto client = weak.lock();
        client->socket.async_read_some(
            boost::asio::buffer(client->buffer),
            [this, weak](boost::system::error_code error, std::size_t size) {
                const auto reader = weak.lock();
                if (error || !reader) return;
                (void)reader->reader.feed({reader->buffer.data(), size});
                work(reader);
            });
    }
    void work(const std::shared_ptr<Client>& client) {
        while (const auto request = client->reader.next()) {
            Command command;
            for (const Reply& each : request->items) command.push_back(each.text);
            asked.push_back(command);
            if (command[0] == "XREAD") return later(client, command.back());
            say(*client, answer(*client, command));
        }
        read(client);
    }
    /// It blocks; the tests that follow look at the stream alone.
    void later(const std::weak_ptr<Client>& weak, const std::string& id) {
        const auto client = weak.lock();
        client->pause.expires_after(std::chrono::milliseconds{20});
        client->pause.async_wait([this, weak, id](boost::system::error_code error) {
            const auto there = weak.lock();
            if (error || !there) return;
            say(*there, entriesBehind(id));
            work(there);
        });
    }
    void say(Client& client, const std::string& octets) {
        boost::system::error_code ignored;
        if (!isSilent) boost::asio::write(client.socket, boost::asio::buffer(octets), ignored);
    }

    static std::string bulk(const std::string& text) {
        return "$" + std::to_string(text.size()) + "\r\n" + text + "\r\n";
    }
    static std::string array(const std::vector<std::string>& items) {
        std::string text = "*" + std::to_string(items.size()) + "\r\n";
        for (const std::string& each : items) text += each;
        return text;
    }
    static std::string orNil(const std::map<std::string, std::string>& map,
                             const std::string& key) {
        const auto found = map.find(key);
        return found == map.end() ? "$-1\r\n" : bulk(found->second);
    }
    std::string entry(std::size_t index) const {
        std::vector<std::string> fields;
        for (const std::string& each : changes[index]) fields.push_back(bulk(each));
        return array({bulk(std::to_string(index + 1) + "-0"), array(fields)});
    }
    std::string entriesBehind(const std::string& id) const {
        std::vector<std::string> found;
        for (std::size_t i = std::stoul(id); i < changes.size(); ++i) found.push_back(entry(i));
        return found.empty() ? "*-1\r\n" : array({array({bulk("upnpd:changes"), array(found)})});
    }

    std::string answer(Client& client, const Command& command) {
        if (auto other = instead(command); !other.empty()) return other;
        const std::string& name = command[0];
        if (name == "WATCH") {
            for (std::size_t i = 1; i < command.size(); ++i)
                client.watched[command[i]] = texts[command[i]];
            return "+OK\r\n";
        }
        if (name == "MULTI") {
            client.collects = true;
            return "+OK\r\n";
        }
        if (name == "EXEC") return execute(client);
        if (client.collects) {
            client.collected.push_back(command);
            return "+QUEUED\r\n";
        }
        return carryOut(command);
    }
    std::string execute(Client& client) {
        client.collects = false;
        const auto collected = std::exchange(client.collected, {});
        for (const auto& [key, value] : std::exchange(client.watched, {}))
            if (texts[key] != value) return "*-1\r\n";
        std::vector<std::string> answers;
        for (const Command& each : collected) answers.push_back(carryOut(each));
        return array(answers);
    }
    std::string carryOut(const Command& c) {
        if (c[0] == "GET") return texts[c[1]].empty() ? "$-1\r\n" : bulk(texts[c[1]]);
        if (c[0] == "MGET")
            return array({orNil(texts, c[1]), orNil(texts, c[2]), orNil(texts, c[3])});
        if (c[0] == "SET") texts[c[1]] = c[2];
        if (c[0] == "INCR") texts[c[1]] = std::to_string(std::atoi(texts[c[1]].c_str()) + 1);
        if (c[0] == "DEL") hashes.erase(c[1]);
        if (c[0] == "HSETNX") hashes[c[1]].try_emplace(c[2], c[3]);
        if (c[0] == "HSET")
            for (std::size_t i = 2; i + 1 < c.size(); i += 2) hashes[c[1]][c[i]] = c[i + 1];
        if (c[0] == "HMGET") {
            std::vector<std::string> values;
            for (std::size_t i = 2; i < c.size(); ++i) values.push_back(orNil(hashes[c[1]], c[i]));
            return array(values);
        }
        if (c[0] == "XADD") {
            changes.emplace_back(c.begin() + 6, c.end());
            return bulk(std::to_string(changes.size()) + "-0");
        }
        if (c[0] == "XRANGE") return changes.empty() ? "*0\r\n" : array({entry(0)});
        if (c[0] == "XREVRANGE")
            return changes.empty() ? "*0\r\n" : array({entry(changes.size() - 1)});
        if (c[0] == "SCAN") {
            std::vector<std::string> keys;
            for (const auto& each : hashes) keys.push_back(bulk(each.first));
            return array({bulk("0"), array(keys)});
        }
        return "+OK\r\n";
    }

    boost::asio::io_context& loop_;
    TemporaryFolder folder_;
    Protocol::acceptor acceptor_;
    std::list<std::shared_ptr<Client>> clients_;
};

}  // namespace igd::redis
