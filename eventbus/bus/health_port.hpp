#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "eventbus/event/forks.hpp"

namespace eventbus {

/// Answers `GET /healthz`, and `GET /`, over HTTP: 200 `ok`, or 503 and why not. One thread, at most some
/// visitors at a time and some time and bytes for each, whatever they send.
class HealthPort final : private ClosedByFork {
  public:
    /// Asked at each request, from the port's thread: why it is not well; nothing when it is. Must not throw
    /// anything but std::bad_alloc.
    using Complaint = std::function<std::optional<std::string>()>;

    /// Throws SettingsError when nobody can listen there.
    HealthPort(const std::string& address, std::uint16_t port, Complaint complaint);
    HealthPort(const HealthPort&) = delete;
    HealthPort& operator=(const HealthPort&) = delete;
    ~HealthPort() override;

  private:
    class Socket {
      public:
        explicit Socket(int number) : number_(number) {}
        Socket(Socket&& other) noexcept;
        Socket& operator=(Socket&& other) noexcept;
        ~Socket();
        [[nodiscard]] int get() const { return number_; }

      private:
        int number_;
    };

    struct Visitor {
        Socket socket;
        std::chrono::steady_clock::time_point deadline;
        std::string request;
        bool is_done = false;
    };

    void serve() noexcept;
    /// Returns false at the end.
    bool serve_some();
    void let_in();
    void listen_to(Visitor& visitor) const;
    [[nodiscard]] std::string answer(std::string_view request) const;
    void close_in_child() noexcept override;

    const Complaint complaint_;
    Socket listener_;
    Socket end_;
    std::vector<Visitor> visitors_;
    std::thread thread_;
};

}  // namespace eventbus
