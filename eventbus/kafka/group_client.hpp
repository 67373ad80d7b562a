#pragma once

#include <chrono>
#include <memory>
#include <mutex>
#include <thread>

#include "eventbus/kafka/client.hpp"
#include "eventbus/kafka/error.hpp"

namespace eventbus::kafka {

/// The result of `ask`, which is tried again while the group's coordinator is away, for as long as `limit`.
template <class Ask>
auto with_coordinator(std::chrono::milliseconds limit, const Ask& ask) {
    constexpr std::chrono::milliseconds pause{50};
    const auto deadline = std::chrono::steady_clock::now() + limit;
    for (;;) {
        try {
            return ask();
        } catch (const CoordinatorAway&) {
            if (std::chrono::steady_clock::now() > deadline) throw;
        }
        std::this_thread::sleep_for(pause);
    }
}

/// Asks about groups. A client of librdkafka remembers which broker coordinates a group for as long as it
/// goes on asking, also when it has become another one: then a new client asks. Thread-safe.
class GroupClient {
  public:
    /// Asks by `first`, a consumer that outlives this object, and later by consumers with these properties,
    /// among them a `group.id`: librdkafka 2.0 to 2.4 crash when a client without one asks the wrong broker.
    GroupClient(const Client& first, Properties properties, LogSink log);

    [[nodiscard]] std::shared_ptr<const Client> get() const;
    /// The client that `ask` is called with asks the wrong broker.
    void renew(const std::shared_ptr<const Client>& stale);

    /// As `with_coordinator`; `ask` is called with the client to ask by.
    template <class Ask>
    auto ask(std::chrono::milliseconds limit, const Ask& ask) {
        return with_coordinator(limit, [&] {
            const auto client = get();
            try {
                return ask(*client);
            } catch (const CoordinatorAway& error) {
                if (error.is_elsewhere()) renew(client);
                throw;
            }
        });
    }

  private:
    const Properties properties_;
    const LogSink log_;
    mutable std::mutex mutex_;
    std::shared_ptr<const Client> client_;
};

}  // namespace eventbus::kafka
