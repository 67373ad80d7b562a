#include "eventbus/event/uuid.hpp"

#include <pthread.h>
#include <sys/random.h>

#include <atomic>
#include <chrono>
#include <cstring>

#include "eventbus/event/error.hpp"
#include "eventbus/event/quote.hpp"

namespace eventbus {

namespace {

int hex_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

// How many forks lie between this process and the one that made the first id. Asking the kernel for the
// process's number would cost more than all the rest of an id.
unsigned forks() {
    static std::atomic<unsigned> count = 0;
    static const int watched = ::pthread_atfork(nullptr, nullptr, [] { ++count; });
    if (watched != 0) throw Error("no memory to notice forks, so that no event could get an id of its own");
    return count.load(std::memory_order_relaxed);
}

// What makes the ids of one thread its own: a random node and clock sequence, drawn again after a fork.
struct Origin {
    bool is_drawn = false;
    unsigned drawn_after_forks = 0;
    std::uint64_t last_time = 0;
    std::array<std::uint8_t, 8> sequence_and_node{};

    void draw_once_in_a_process() {
        const unsigned now = forks();
        if (is_drawn && drawn_after_forks == now) return;
        if (::getrandom(sequence_and_node.data(), sequence_and_node.size(), 0) !=
            static_cast<ssize_t>(sequence_and_node.size()))
            throw Error("the kernel gave no random bytes for an event's id");
        sequence_and_node[0] = static_cast<std::uint8_t>((sequence_and_node[0] & 0x3F) | 0x80);
        // The multicast bit says that the node is no network address.
        sequence_and_node[2] |= 0x01;
        is_drawn = true;
        drawn_after_forks = now;
    }
};

// Intervals of 100 ns since 15 October 1582.
std::uint64_t uuid_clock() {
    constexpr std::uint64_t unix_epoch = 0x01B21DD213814000;
    const auto since_epoch = std::chrono::system_clock::now().time_since_epoch();
    return unix_epoch + static_cast<std::uint64_t>(
                            std::chrono::duration_cast<std::chrono::nanoseconds>(since_epoch).count() / 100);
}

std::string_view strip(std::string_view text, std::string_view characters) {
    const std::size_t first = text.find_first_not_of(characters);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(characters) - first + 1);
}

}  // namespace

Uuid Uuid::parse(std::string_view text) {
    std::string plain(text.substr(0, 128));
    for (const std::string_view removed : {"urn:", "uuid:"})
        for (std::size_t at = 0; (at = plain.find(removed, at)) != std::string::npos;)
            plain.erase(at, removed.size());
    std::array<std::uint8_t, 16> bytes{};
    std::size_t digits = 0;
    for (const char c : strip(plain, "{}")) {
        if (c == '-') continue;
        const int value = hex_value(c);
        if (value < 0 || digits == 32) {
            digits = 33;
            break;
        }
        bytes[digits / 2] = static_cast<std::uint8_t>(bytes[digits / 2] << 4 | value);
        ++digits;
    }
    if (digits != 32 || text.size() > 128)
        throw InvalidValue(quote(text) +
                           " is not a UUID; one looks like 3fa85f64-5717-4562-b3fc-2c963f66afa6");
    return Uuid(bytes);
}

Uuid Uuid::make_v1() {
    thread_local Origin origin;
    origin.draw_once_in_a_process();
    std::uint64_t time = uuid_clock();
    // A clock that stands still or steps back must not give an id again.
    if (time <= origin.last_time) time = origin.last_time + 1;
    origin.last_time = time;

    std::array<std::uint8_t, 16> bytes{};
    const auto low = static_cast<std::uint32_t>(time);
    const auto middle = static_cast<std::uint16_t>(time >> 32);
    const auto high = static_cast<std::uint16_t>((time >> 48 & 0x0FFF) | 0x1000);
    for (unsigned i = 0; i < 4; ++i) bytes[i] = static_cast<std::uint8_t>(low >> (24 - 8 * i));
    bytes[4] = static_cast<std::uint8_t>(middle >> 8);
    bytes[5] = static_cast<std::uint8_t>(middle);
    bytes[6] = static_cast<std::uint8_t>(high >> 8);
    bytes[7] = static_cast<std::uint8_t>(high);
    std::memcpy(bytes.data() + 8, origin.sequence_and_node.data(), 8);
    return Uuid(bytes);
}

std::string_view Uuid::write(std::array<char, 36>& buffer) const {
    constexpr std::string_view digits = "0123456789abcdef";
    std::size_t to = 0;
    for (std::size_t i = 0; i < 16; ++i) {
        if (i == 4 || i == 6 || i == 8 || i == 10) buffer[to++] = '-';
        buffer[to++] = digits[bytes_[i] >> 4];
        buffer[to++] = digits[bytes_[i] & 15];
    }
    return {buffer.data(), buffer.size()};
}

std::string Uuid::to_string() const {
    std::array<char, 36> buffer;
    return std::string(write(buffer));
}

}  // namespace eventbus

std::size_t std::hash<eventbus::Uuid>::operator()(const eventbus::Uuid& id) const noexcept {
    std::uint64_t halves[2];
    std::memcpy(halves, id.bytes().data(), sizeof halves);
    return static_cast<std::size_t>(halves[0] * 0x9E3779B97F4A7C15u ^ halves[1]);
}
