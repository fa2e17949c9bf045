// SPDX-License-Identifier: GPL-2.0-or-later
#include "nft/nft_socket.h"

#include <netlink/netlink.h>
#include <netlink/socket.h>

#include <cerrno>
#include <cstring>
#include <system_error>

#include <linux/netlink.h>
#include <sys/socket.h>

namespace igd::firewall {
namespace {

/// Makes room for a batch of that many octets, which have to leave at once.
bool enlarge(int fd, std::size_t size) {
    const auto room = static_cast<int>(size);
    return ::setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &room, sizeof room) == 0 ||
           ::setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &room, sizeof room) == 0;
}

}  // namespace

std::string sentenceOf(const NftRefusal& refusal) {
    switch (refusal.error) {
        case EEXIST:
            return "EEXIST: an element is there with another value";
        case ENOENT:
            return "ENOENT: the table, one of its sets or an element is not there";
        case ENOBUFS:
            return "ENOBUFS: the kernel had more to say than the socket holds";
        case EMSGSIZE:
            return "EMSGSIZE: it is larger than the socket may send at once";
        default:
            return std::generic_category().message(refusal.error);
    }
}

void NftSocket::Free::operator()(nl_sock* socket) const noexcept {
    ::nl_socket_free(socket);
}

NftSocket::NftSocket() : socket_(::nl_socket_alloc()) {
    constexpr int kOn = 1;
    if (!socket_ || ::nl_connect(socket_.get(), NETLINK_NETFILTER) < 0) {
        socket_.reset();
        return;
    }
    // An error need not repeat the message that it is about.
    static_cast<void>(::setsockopt(::nl_socket_get_fd(socket_.get()), SOL_NETLINK, NETLINK_CAP_ACK,
                                   &kOn, sizeof kOn));
}

std::optional<NftRefusal> NftSocket::commit(NftBatch& batch) {
    if (batch.empty()) return std::nullopt;
    if (const int error = send(batch.close()); error != 0) return NftRefusal{error};
    return answers(batch.last());
}

int NftSocket::send(std::span<const std::uint8_t> octets) {
    if (!socket_) return EPROTONOSUPPORT;
    const int fd = ::nl_socket_get_fd(socket_.get());
    sockaddr_nl kernel{};
    kernel.nl_family = AF_NETLINK;
    bool enlarged = false;
    for (;;) {
        if (::sendto(fd, octets.data(), octets.size(), 0, reinterpret_cast<sockaddr*>(&kernel),
                     sizeof kernel) >= 0)
            return 0;
        if (errno == EINTR) continue;
        if (errno != EMSGSIZE || enlarged || !enlarge(fd, octets.size())) return errno;
        enlarged = true;
    }
}

int NftSocket::receive() {
    for (;;) {
        const auto size = ::recv(::nl_socket_get_fd(socket_.get()), received_.data(),
                                 received_.size(), MSG_DONTWAIT);
        if (size >= 0) return static_cast<int>(size);
        if (errno != EINTR) return -errno;
    }
}

/// One acknowledgement says that all is done. A refusal may be told for many messages, more than
/// the socket holds (ENOBUFS): the first that is left counts, and all are taken from the socket.
std::optional<NftRefusal> NftSocket::answers(std::uint32_t last) {
    std::optional<NftRefusal> first;
    bool lost = false;
    for (;;) {
        const int size = receive();
        if (size == -ENOBUFS) {
            lost = true;
            continue;
        }
        if (size < 0 && first) return first;
        if (size < 0) return NftRefusal{lost ? ENOBUFS : size == -EAGAIN ? EIO : -size};
        const auto* const header = reinterpret_cast<const nlmsghdr*>(received_.data());
        if (!NLMSG_OK(header, static_cast<unsigned>(size)) || header->nlmsg_type != NLMSG_ERROR ||
            header->nlmsg_len < NLMSG_LENGTH(sizeof(nlmsgerr)))
            continue;
        nlmsgerr said{};
        std::memcpy(&said, NLMSG_DATA(header), sizeof said);
        if (said.error != 0 && !first) first = {-said.error, header->nlmsg_seq};
        if (said.error == 0 && header->nlmsg_seq == last && !first && !lost) return std::nullopt;
    }
}

std::optional<NftMessage> NftSocket::ask(const NftElement& element) {
    if (send(questionMessage(element)) != 0) return std::nullopt;
    const int size = receive();
    if (size <= 0) return std::nullopt;
    return NftMessage{received_.begin(), received_.begin() + size};
}

}  // namespace igd::firewall
