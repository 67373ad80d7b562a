#pragma once

#include <sys/types.h>

#include <memory>
#include <mutex>
#include <stop_token>

#include "eventbus/bus/failure_policy.hpp"

namespace eventbus {

/// Keeps each event that was given up in the group's dead-letter topic, on the consumer's broker (see
/// dead_letter.hpp): one letter for each failure, all of an event in one publish. Logs one warning for each
/// event, without its data.
///
/// The topic is made when it is not there: one partition, kept for ever. Nothing is opened before the first
/// event. Thread-safe; used with one bus, which must outlive it; a process that was forked opens its own
/// connections.
class DeadLetters : public FailurePolicy {
  public:
    /// `stop` ends the trying again.
    explicit DeadLetters(std::stop_token stop = {});
    DeadLetters(const DeadLetters&) = delete;
    DeadLetters& operator=(const DeadLetters&) = delete;
    ~DeadLetters() override;

    /// Returns when the letters are durable. A failure of the broker that may pass is tried again for some
    /// seconds. Throws BrokerError (StorageFull when there is no room) that names the event, the dead-letter
    /// topic and the cause; then some of the letters may be stored all the same.
    void settle(Bus& bus, const FailedEvent& failed) override;

  private:
    struct Connection;

    /// Opened when it is not yet, in this process.
    [[nodiscard]] Connection& connection(Bus& bus);

    std::stop_token stop_;
    std::mutex mutex_;
    pid_t process_;
    std::unique_ptr<Connection> connection_;
};

}  // namespace eventbus
