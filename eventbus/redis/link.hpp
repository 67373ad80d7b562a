#pragma once

#include <cstdint>
#include <memory>

#include "eventbus/redis/connection.hpp"

namespace eventbus::redis {

/// A connection that is opened when it is needed, and opened anew when it broke or when this process is a
/// child that inherited it. Used by one thread at a time.
class Link {
  public:
    explicit Link(ConnectOptions options);
    Link(const Link&) = delete;
    Link& operator=(const Link&) = delete;
    ~Link();

    /// The connection, opened when there is none, or only one that the server closed while it was idle.
    /// Throws as Connection's constructor.
    [[nodiscard]] Connection& connection();
    [[nodiscard]] bool is_open() const { return connection_ != nullptr; }
    /// How often it was opened: another number than before tells that all that the server remembered of the
    /// connection is gone.
    [[nodiscard]] std::uint64_t openings() const { return openings_; }
    /// In a child of a fork: closes what it inherited without a word to the server.
    void abandon() noexcept;
    /// The next use opens it anew.
    void close() noexcept;

    /// Calls `work` with the connection; what breaks it closes it, so that the next use opens it anew.
    template <class Work>
    auto use(const Work& work) {
        try {
            return work(connection());
        } catch (...) {
            close();
            throw;
        }
    }

    [[nodiscard]] const ConnectOptions& options() const { return options_; }

  private:
    /// No child finds the pointer half written.
    void put(std::unique_ptr<Connection> connection) noexcept;

    ConnectOptions options_;
    std::unique_ptr<Connection> connection_;
    std::uint64_t openings_ = 0;
    unsigned generation_;
};

}  // namespace eventbus::redis
