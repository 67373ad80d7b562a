#include "eventbus/redis/connection.hpp"

#include <algorithm>
#include <array>

#include "eventbus/event/quote.hpp"
#include "eventbus/redis/sentinel.hpp"
#include "eventbus/redis/server_error.hpp"

namespace eventbus::redis {

namespace {

/// A batch of events is read with room to spare; more can only be a server that is none.
constexpr std::size_t most_bytes_of_a_reply = std::size_t{1} << 30;

bool is_no_permission(const ReplyView& reply) {
    return reply.is_error() && reply.text().starts_with("NOPERM");
}

std::string place_of(const ConnectOptions& options, const Address& address) {
    return options.unix_path.empty() ? to_string(address) : "unix://" + options.unix_path;
}

void add_login(CommandBuffer& commands, const ConnectOptions& options) {
    if (!options.user.empty()) {
        commands.add({"AUTH", options.user, options.password});
    } else if (!options.password.empty()) {
        commands.add({"AUTH", options.password});
    }
    if (options.database != 0) commands.add({"SELECT", std::to_string(options.database)});
    if (!options.client_name.empty()) commands.add({"CLIENT", "SETNAME", options.client_name});
    // A server that takes no more clients, or is none, says so now.
    if (commands.empty()) commands.add({"PING"});
}

}  // namespace

// NOLINTNEXTLINE(cppcoreguidelines-pro-type-member-init): room_ is written before it is read.
Connection::Connection(const ConnectOptions& options)
    : command_timeout_(options.command_timeout), replies_(most_bytes_of_a_reply) {
    const Deadline deadline = in(options.connect_timeout);
    if (options.sentinel) {
        open_master(options, deadline);
    } else {
        open(options, options.addresses.front(), deadline);
    }
}

void Connection::open(const ConnectOptions& options, const Address& address, Deadline deadline) {
    place_ = place_of(options, address);
    commands_.clear();
    replies_.reset();
    owed_ = 0;
    transport_ = open_transport(options, address, deadline);
    log_in(options, deadline);
}

// Each sentinel has its share of the time, so that one that is silent does not hide what another knows.
void Connection::open_master(const ConnectOptions& options, Deadline deadline) {
    std::string answers;
    bool may_pass = false;
    for (std::size_t left = options.addresses.size(); left > 0; --left) {
        const Address& sentinel = options.addresses[options.addresses.size() - left];
        const Deadline share = share_of(deadline, left);
        try {
            open(options, ask_sentinel(options, sentinel, share_of(share, 2)), share);
            check_is_master(share);
            return;
        } catch (const BrokerError& error) {
            answers +=
                (answers.empty() ? "sentinel " : "; sentinel ") + to_string(sentinel) + ": " + error.what();
            may_pass = may_pass || error.retriable();
        }
    }
    const std::string what = "cannot find the master of " + quote(options.sentinel->service) + ": " + answers;
    if (may_pass) throw ConnectionLost(what);
    throw BrokerError(what, false);
}

// A sentinel may be late to notice that another is the master now.
void Connection::check_is_master(Deadline deadline) {
    commands_.add({"ROLE"});
    send_by(deadline);
    const ReplyView role = receive_by(deadline);
    // Some servers do not allow it to every user; a write will show it, too.
    if (is_no_permission(role)) return;
    const bool is_master =
        role.size() > 0 && role.first().kind() == ReplyKind::text && role.first().text() == "master";
    if (!is_master) throw ConnectionLost("Redis at " + place_ + " is a replica, or is becoming one");
}

void Connection::log_in(const ConnectOptions& options, Deadline deadline) {
    add_login(commands_, options);
    try {
        send_by(deadline);
    } catch (const ConnectionLost&) {
        throw_last_words();
        throw;
    }
    while (owed_ > 0) {
        const ReplyView reply = receive_by(deadline);
        if (reply.is_error() && !is_no_permission(reply))
            throw_server_error("cannot log in to Redis at " + place_, reply.text());
    }
}

// A server that takes no more clients says so and hangs up, without waiting for a command.
void Connection::throw_last_words() {
    const Reply* reply = nullptr;
    try {
        reply = receive(in(std::chrono::milliseconds(0)), nullptr);
    } catch (const ConnectionLost&) {
        return;
    }
    if (reply != nullptr && reply->view().is_error())
        throw_server_error("cannot log in to Redis at " + place_, reply->view().text());
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

void Connection::send_by(Deadline deadline) {
    transport_->send(commands_.bytes(), deadline);
    owed_ += commands_.commands();
    commands_.clear();
}

ReplyView Connection::receive_by(Deadline deadline) {
    const Reply* reply = receive(deadline, nullptr);
    if (reply == nullptr) throw ConnectionLost("Redis at " + place_ + " does not answer in time");
    return reply->view();
}

// As long as bytes come, the server is there: a large reply on a slow network takes long.
const Reply& Connection::receive(std::chrono::milliseconds longer) {
    for (;;) {
        if (const Reply* reply = next_reply()) return *reply;
        if (!receive_more(in(command_timeout_ + longer), nullptr))
            throw ConnectionLost("Redis at " + place_ + " did not answer within " +
                                 std::to_string((command_timeout_ + longer).count()) + " ms");
    }
}

const Reply* Connection::receive(Deadline deadline, const WakeUp* wake_up) {
    for (;;) {
        if (const Reply* reply = next_reply()) return reply;
        if (!receive_more(deadline, wake_up)) return nullptr;
    }
}

const Reply* Connection::next_reply() {
    try {
        const Reply* const reply = replies_.next();
        if (reply != nullptr && owed_ > 0) --owed_;
        return reply;
    } catch (const DecodeError& error) {
        throw ConnectionLost("Redis at " + place_ + ": " + error.what());
    }
}

bool Connection::receive_more(Deadline deadline, const WakeUp* wake_up) {
    const std::size_t got = transport_->receive(room_, deadline, wake_up);
    if (got == 0) return false;
    try {
        replies_.feed(std::span(room_).first(got));
    } catch (const DecodeError& error) {
        throw ConnectionLost("Redis at " + place_ + ": " + error.what());
    }
    return true;
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
