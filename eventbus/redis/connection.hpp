#pragma once

#include <array>
#include <cstddef>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>

#include "eventbus/redis/command_buffer.hpp"
#include "eventbus/redis/connect_options.hpp"
#include "eventbus/redis/deadline.hpp"
#include "eventbus/redis/reply.hpp"
#include "eventbus/redis/transport.hpp"

namespace eventbus::redis {

/// A connection to a server, logged in and at its database. Commands are pipelined: any number may be sent
/// before their replies, which come in the same order, are read. Used by one thread at a time. After
/// ConnectionLost nothing but its destructor may be called.
class Connection {
  public:
    /// Connects, finds the master by the sentinels where there are any, and logs in, all within the time to
    /// connect; the look-up of a name has the system's own limits. Throws ConnectionLost, ServerError when
    /// the login is refused, and a BrokerError that is not retriable when a certificate is, or when no
    /// sentinel knows the service.
    explicit Connection(const ConnectOptions& options);

    /// Where commands are written that go with the next `send`.
    [[nodiscard]] CommandBuffer& commands() { return commands_; }
    /// Sends what was written. Throws ConnectionLost.
    void send();

    /// The reply to the oldest command that has none yet; valid until the next call. Throws ConnectionLost,
    /// also when nothing comes within the time for commands, and `longer` for one that waits at the server.
    [[nodiscard]] const Reply& receive(std::chrono::milliseconds longer = {});
    /// The same for a command that waits at the server: null when the deadline passed or `wake_up` was
    /// called; the reply is still to come then.
    [[nodiscard]] const Reply* receive(Deadline deadline, const WakeUp* wake_up);
    /// Replies that are to come.
    [[nodiscard]] std::size_t owed() const { return owed_; }

    /// Sends one command and receives its reply; no other may be owed. An error reply is thrown as
    /// `throw_server_error` does, with `attempt`.
    ReplyView call(std::string_view attempt, std::initializer_list<std::string_view> words);
    /// The same for a command that was written by `commands()`.
    ReplyView call(std::string_view attempt);

    /// The server has closed it: a connection that was idle may be.
    [[nodiscard]] bool is_closed() const noexcept { return transport_->is_closed(); }

    /// Closes this process's end without a word to the server: for a child that inherited it.
    void abandon() noexcept { transport_->abandon(); }

  private:
    void open(const ConnectOptions& options, const Address& address, Deadline deadline);
    void open_master(const ConnectOptions& options, Deadline deadline);
    void log_in(const ConnectOptions& options, Deadline deadline);
    void send_by(Deadline deadline);
    [[nodiscard]] ReplyView receive_by(Deadline deadline);
    /// Null when the bytes so far make none.
    [[nodiscard]] const Reply* next_reply();
    /// False when the deadline passed or `wake_up` was called.
    [[nodiscard]] bool receive_more(Deadline deadline, const WakeUp* wake_up);
    void throw_last_words();
    void check_is_master(Deadline deadline);

    /// Of the server, for errors.
    std::string place_;
    std::chrono::milliseconds command_timeout_;
    std::unique_ptr<Transport> transport_;
    CommandBuffer commands_;
    ReplyReader replies_;
    std::size_t owed_ = 0;
    std::array<char, 65'536> room_;
};

}  // namespace eventbus::redis
