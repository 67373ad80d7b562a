#pragma once

#include <stop_token>
#include <string>
#include <string_view>
#include <utility>

#include "eventbus/bus/backoff.hpp"
#include "eventbus/bus/bus.hpp"

namespace eventbus {

/// Calls a broker on behalf of a consumer: failures that may pass are logged and tried again, with ever
/// longer pauses. Used by one thread at a time.
class BrokerCalls {
  public:
    /// `bus` must outlive it.
    BrokerCalls(const Bus& bus, std::string group, std::stop_token stop)
        : bus_(bus),
          group_(std::move(group)),
          stop_(std::move(stop)),
          backoff_(bus.consumer_broker()->consumer_limits().failure_pause) {}

    /// Calls until it succeeds; false when a stop was asked for and it still fails. Failures that do not pass
    /// are thrown. `failed` is called with each failure that is tried again.
    template <class Call, class Failed>
    bool until_stop(std::string_view what, const Call& call, const Failed& failed) {
        for (;;) {
            try {
                call();
                backoff_.reset();
                return true;
            } catch (const BrokerError& error) {
                if (!error.retriable()) throw;
                failed(error);
                if (!wait(what, error)) return false;
            }
        }
    }
    template <class Call>
    bool until_stop(std::string_view what, const Call& call) {
        return until_stop(what, call, [](const BrokerError&) {});
    }

  private:
    /// False when a stop was asked for.
    bool wait(std::string_view what, const BrokerError& error);

    const Bus& bus_;
    const std::string group_;
    const std::stop_token stop_;
    Backoff backoff_;
};

}  // namespace eventbus
