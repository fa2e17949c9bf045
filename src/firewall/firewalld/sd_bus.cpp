// SPDX-License-Identifier: GPL-2.0-or-later
#include "firewalld/bus_wake.h"
#include "firewalld/firewalld_bus.h"

#include <array>
#include <cerrno>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <systemd/sd-bus.h>

namespace igd::firewall {
namespace {

constexpr const char* kName = "org.fedoraproject.FirewallD1";
constexpr const char* kPath = "/org/fedoraproject/FirewallD1";
constexpr const char* kZoneInterface = "org.fedoraproject.FirewallD1.zone";
constexpr const char* kPolicyInterface = "org.fedoraproject.FirewallD1.policy";
constexpr std::string_view kNoPolicy = "INVALID_POLICY";
constexpr std::chrono::seconds kPatience{20};  ///< a reload of large sets takes long

constexpr const char* kOwner =
    "type='signal',sender='org.freedesktop.DBus',member='NameOwnerChanged',"
    "arg0='org.fedoraproject.FirewallD1'";
/// These announce that what we set is gone, or that the interface is in another zone.
constexpr std::array kChanges{
    "type='signal',sender='org.fedoraproject.FirewallD1',member='Reloaded'",
    "type='signal',sender='org.fedoraproject.FirewallD1',member='DefaultZoneChanged'",
    "type='signal',sender='org.fedoraproject.FirewallD1',member='InterfaceAdded'",
    "type='signal',sender='org.fedoraproject.FirewallD1',member='InterfaceRemoved'",
    "type='signal',sender='org.fedoraproject.FirewallD1',member='ZoneOfInterfaceChanged'"};

struct CloseBus {
    void operator()(sd_bus* bus) const noexcept { ::sd_bus_close_unref(bus); }
};
struct UnrefMessage {
    void operator()(sd_bus_message* message) const noexcept { ::sd_bus_message_unref(message); }
};
struct UnrefSlot {
    void operator()(sd_bus_slot* slot) const noexcept { ::sd_bus_slot_unref(slot); }
};
using Bus = std::unique_ptr<sd_bus, CloseBus>;
using BusMessage = std::unique_ptr<sd_bus_message, UnrefMessage>;
using Slot = std::unique_ptr<sd_bus_slot, UnrefSlot>;

class Error {
public:
    Error() = default;
    Error(const Error&) = delete;
    Error& operator=(const Error&) = delete;
    ~Error() { ::sd_bus_error_free(&error_); }
    [[nodiscard]] sd_bus_error* get() { return &error_; }

private:
    sd_bus_error error_{};
};

std::uint64_t microseconds(std::chrono::milliseconds time) {
    return static_cast<std::uint64_t>(std::chrono::microseconds{time}.count());
}

BusError::Kind kindOf(std::string_view name, std::string_view text) {
    if (name == SD_BUS_ERROR_SERVICE_UNKNOWN || name == SD_BUS_ERROR_NAME_HAS_NO_OWNER)
        return BusError::Kind::Absent;
    if (name == SD_BUS_ERROR_ACCESS_DENIED || name.ends_with(".NotAuthorizedException"))
        return BusError::Kind::NotAllowed;
    if (!name.starts_with(kName)) return BusError::Kind::Unanswered;
    return text.starts_with(kNoPolicy) ? BusError::Kind::NoPolicy : BusError::Kind::Refused;
}

BusError errorOf(int status, const sd_bus_error& error) {
    const std::string_view name = error.name != nullptr ? error.name : "";
    const std::string_view text = error.message != nullptr ? error.message : "";
    return {kindOf(name, text),
            text.empty() ? std::generic_category().message(-status) : std::string{text}};
}

bool appendTexts(sd_bus_message* message, const char* name, const std::set<std::string>& texts) {
    bool done = ::sd_bus_message_open_container(message, 'e', "sv") >= 0 &&
                ::sd_bus_message_append(message, "s", name) >= 0 &&
                ::sd_bus_message_open_container(message, 'v', "as") >= 0 &&
                ::sd_bus_message_open_container(message, 'a', "s") >= 0;
    for (const std::string& text : texts)
        done = done && ::sd_bus_message_append(message, "s", text.c_str()) >= 0;
    for (int container = 0; container < 3; ++container)
        done = done && ::sd_bus_message_close_container(message) >= 0;
    return done;
}

/// "sa{sv}": the policy, and those of its settings that are ours to make. Without a zone it sees no
/// packet.
bool appendSettings(sd_bus_message* message, const std::set<std::string>& richRules,
                    const std::string& zone) {
    std::set<std::string> from;
    std::set<std::string> to;
    if (!richRules.empty()) {
        from.insert(zone);
        to.insert("ANY");
    }
    return ::sd_bus_message_append(message, "s", kFirewalldPolicy) >= 0 &&
           ::sd_bus_message_open_container(message, 'a', "{sv}") >= 0 &&
           appendTexts(message, "ingress_zones", from) &&
           appendTexts(message, "egress_zones", to) &&
           appendTexts(message, "rich_rules", richRules) &&
           ::sd_bus_message_close_container(message) >= 0;
}

/// Three questions in a row: the interface's zone, for one without a zone the default zone, and the
/// change. The zone is known until something is announced.
class SdBus final : public FirewalldBus {
public:
    explicit SdBus(InterfaceName external) : external_(std::move(external)) { connect(); }

    void send(const std::set<std::string>& richRules) override {
        answer_.reset();
        question_.reset();
        richRules_ = richRules;
        if (!bus_) connect();
        if (!bus_) return;
        if (zone_ || richRules_.empty())
            askForChange();
        else
            askForZone();
        arm();
    }

    void externalIs(const InterfaceName& external) override {
        if (external_ == external) return;
        external_ = external;
        announced_ = Announcement::Changed;
    }

    std::optional<BusAnswer> answer() override { return std::exchange(answer_, std::nullopt); }

    Announcement hear() override {
        wake_.drain();
        process();
        arm();
        const Announcement announced = std::exchange(announced_, Announcement::Nothing);
        if (announced != Announcement::Nothing) {
            zone_.reset();
            question_.reset();
            answer_.reset();
        }
        return announced;
    }

    [[nodiscard]] int descriptor() const override { return wake_.descriptor(); }

    void wakeAt(std::optional<TimePoint> time) override {
        ownTime_ = time;
        arm();
    }

    BusAnswer clear(std::chrono::milliseconds patience) override {
        question_.reset();
        if (!bus_) connect();
        if (!bus_) return tl::unexpected<BusError>(answer_->error());
        const BusMessage message = changeMessage({});
        Error error;
        const int status = !message ? -ENOMEM
                                    : ::sd_bus_call(bus_.get(), message.get(),
                                                    microseconds(patience), error.get(), nullptr);
        if (status < 0) return tl::unexpected<BusError>(errorOf(status, *error.get()));
        return {};
    }

private:
    void fail(int status, const sd_bus_error& error = {}) {
        answer_ = tl::unexpected<BusError>(errorOf(status, error));
    }

    void connect() {
        sd_bus* connection = nullptr;
        if (const int status = ::sd_bus_open_system(&connection); status < 0) return fail(status);
        bus_.reset(connection);
        int status =
            ::sd_bus_add_match_async(connection, nullptr, kOwner, noteOwner, nullptr, this);
        for (const char* const change : kChanges)
            if (status >= 0)
                status = ::sd_bus_add_match_async(connection, nullptr, change, noteChange, nullptr,
                                                  this);
        if (status >= 0) return wake_.watch(::sd_bus_get_fd(connection));
        disconnect(status);
    }

    void disconnect(int status) {
        wake_.watch(-1);
        question_.reset();
        bus_.reset();
        zone_.reset();
        fail(status);
    }

    /// A bus that has ended takes firewalld with it.
    void process() {
        int status = 0;
        while (bus_ && (status = ::sd_bus_process(bus_.get(), nullptr)) > 0) {
        }
        if (status >= 0 || !bus_) return;
        disconnect(status);
        announced_ = Announcement::Changed;
    }

    void arm() {
        std::optional<TimePoint> next = ownTime_;
        std::uint64_t time = 0;
        int events = 0;
        if (bus_) {
            events = ::sd_bus_get_events(bus_.get());
            if (::sd_bus_get_timeout(bus_.get(), &time) >= 0 && time != UINT64_MAX) {
                const TimePoint its{std::chrono::microseconds{time}};  // CLOCK_MONOTONIC, too
                if (!next || its < *next) next = its;
            }
        }
        wake_.arm(events < 0 ? 0 : events, next);
    }

    static int noteOwner(sd_bus_message* signal, void* self, sd_bus_error* /*error*/) {
        const char *name = nullptr, *before = nullptr, *now = nullptr;
        if (::sd_bus_message_read(signal, "sss", &name, &before, &now) < 0) return 0;
        static_cast<SdBus*>(self)->announced_ =
            *now == '\0' ? Announcement::Gone : Announcement::Changed;
        return 0;
    }
    static int noteChange(sd_bus_message* /*signal*/, void* self, sd_bus_error* /*error*/) {
        static_cast<SdBus*>(self)->announced_ = Announcement::Changed;
        return 0;
    }

    void askForZone() {
        const BusMessage query = method(kZoneInterface, "getZoneOfInterface");
        if (!query || ::sd_bus_message_append(query.get(), "s", external_.text().c_str()) < 0)
            return fail(-ENOMEM);
        ask(query, zoneAnswered);
    }

    static int zoneAnswered(sd_bus_message* answer, void* self, sd_bus_error* /*error*/) {
        static_cast<SdBus*>(self)->takeZone(answer, true);
        return 0;
    }
    static int defaultZoneAnswered(sd_bus_message* answer, void* self, sd_bus_error* /*error*/) {
        static_cast<SdBus*>(self)->takeZone(answer, false);
        return 0;
    }

    void takeZone(sd_bus_message* answer, bool maybeNone) {
        if (isError(answer)) return;
        const char* zone = nullptr;
        if (::sd_bus_message_read(answer, "s", &zone) < 0) return fail(-EBADMSG);
        if (*zone == '\0' && maybeNone)
            return ask(method(kName, "getDefaultZone"), defaultZoneAnswered);
        zone_ = zone;
        askForChange();
    }

    void askForChange() { ask(changeMessage(richRules_), changeAnswered); }

    static int changeAnswered(sd_bus_message* answer, void* self, sd_bus_error* /*error*/) {
        SdBus& bus = *static_cast<SdBus*>(self);
        if (!bus.isError(answer)) bus.answer_.emplace();
        return 0;
    }

    [[nodiscard]] bool isError(sd_bus_message* answer) {
        const sd_bus_error* const error = ::sd_bus_message_get_error(answer);
        if (error != nullptr) fail(-::sd_bus_error_get_errno(error), *error);
        return error != nullptr;
    }

    [[nodiscard]] BusMessage changeMessage(const std::set<std::string>& richRules) {
        BusMessage message = method(kPolicyInterface, "setPolicySettings");
        if (message && !appendSettings(message.get(), richRules, zone_.value_or("")))
            message.reset();
        return message;
    }

    [[nodiscard]] BusMessage method(const char* interface, const char* member) {
        sd_bus_message* message = nullptr;
        if (::sd_bus_message_new_method_call(bus_.get(), &message, kName, kPath, interface,
                                             member) < 0)
            return nullptr;
        ::sd_bus_message_set_auto_start(message, 0);
        return BusMessage{message};
    }

    /// The question before counts for nothing from then on.
    void ask(const BusMessage& message, sd_bus_message_handler_t answered) {
        sd_bus_slot* slot = nullptr;
        const int status = !message ? -ENOMEM
                                    : ::sd_bus_call_async(bus_.get(), &slot, message.get(),
                                                          answered, this, microseconds(kPatience));
        if (status < 0) return fail(status);
        question_.reset(slot);
    }

    // These outlive the bus, whose handlers write to them.
    BusWake wake_;
    Announcement announced_ = Announcement::Nothing;
    std::optional<BusAnswer> answer_;
    std::optional<TimePoint> ownTime_;
    std::optional<std::string> zone_;  ///< of the external interface; nullopt: to be asked for
    InterfaceName external_;
    std::set<std::string> richRules_;
    Bus bus_;
    Slot question_;
};

}  // namespace

std::unique_ptr<FirewalldBus> openFirewalldBus(const InterfaceName& external) {
    return std::make_unique<SdBus>(external);
}

}  // namespace igd::firewall
