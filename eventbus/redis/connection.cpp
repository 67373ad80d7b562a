#include "eventbus/redis/connection.hpp"

#include <algorithm>
#include <string>

#include "eventbus/redis/server_error.hpp"

namespace eventbus::redis {

namespace {

/// A batch of events is read with room to spare; more can only be a server that is none.
constexpr std::size_t most_bytes_of_a_reply = std::size_t{1} << 30;

}  // namespace

// NOLINTNEXTLINE(cppcoreguidelines-pro-type-member-init): room_ is written before it is read.
Connection::Connection(const ConnectOptions& options)
    : command_timeout_(options.connect_timeout), replies_(most_bytes_of_a_reply) {
    open(options, options.addresses.front());
    command_timeout_ = options.command_timeout;
}

void Connection::open(const ConnectOptions& options, const Address& address) {
    transport_ = open_transport(options, address, in(options.connect_timeout));
    log_in(options);
}

void Connection::log_in(const ConnectOptions& options) {
    if (!options.user.empty()) {
        call("cannot log in", {"AUTH", options.user, options.password});
    } else if (!options.password.empty()) {
        call("cannot log in", {"AUTH", options.password});
    }
    if (options.database != 0) call("cannot use the database", {"SELECT", std::to_string(options.database)});
    if (!options.client_name.empty())
        call("cannot name the connection", {"CLIENT", "SETNAME", options.client_name});
}

void Connection::send() {
    // Each slice has its time: a large event on a slow network takes long without anything being wrong.
    for (std::span<const char> rest = commands_.bytes(); !rest.empty();) {
        const auto slice = rest.first(std::min(rest.size(), room_.size()));
        transport_->send(slice, in(command_timeout_));
        rest = rest.subspan(slice.size());
    }
    owed_ += commands_.commands();
    commands_.clear();
}

const Reply& Connection::receive(std::chrono::milliseconds longer) {
    const Reply* reply = receive(in(command_timeout_ + longer), nullptr);
    if (reply == nullptr)
        throw ConnectionLost("Redis did not answer within " + std::to_string(command_timeout_.count()) +
                             " ms");
    return *reply;
}

const Reply* Connection::receive(Deadline deadline, const WakeUp* wake_up) {
    try {
        for (;;) {
            if (const Reply* reply = replies_.next()) {
                --owed_;
                return reply;
            }
            const std::size_t got = transport_->receive(room_, deadline, wake_up);
            if (got == 0) return nullptr;
            replies_.feed(std::span(room_).first(got));
        }
    } catch (const DecodeError& error) {
        throw ConnectionLost(error.what());
    }
}

ReplyView Connection::call(std::string_view attempt, std::initializer_list<std::string_view> words) {
    commands_.add(words);
    return call(attempt);
}

ReplyView Connection::call(std::string_view attempt) {
    send();
    const ReplyView reply = receive().view();
    if (reply.is_error()) throw_server_error(attempt, reply.text());
    return reply;
}

}  // namespace eventbus::redis
