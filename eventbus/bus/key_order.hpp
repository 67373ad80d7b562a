#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "eventbus/bus/held_event.hpp"
#include "eventbus/bus/parked_keys.hpp"

namespace eventbus {

/// Keeps the order of each key also when an event of it is among the dead letters: tells which events must
/// wait there, too. Thread-safe.
class KeyOrder {
  public:
    KeyOrder(const std::shared_ptr<Broker>& broker, const std::vector<TopicName>& topics,
             const GroupName& group);

    /// Reads what the dead-letter topics have got since. Throws BrokerError.
    void refresh();
    void refresh(const TopicName& topic);
    /// An earlier event of its key is among the dead letters, as of the last `refresh`.
    [[nodiscard]] bool must_wait(const HeldEvent& held) const;

  private:
    mutable std::mutex mutex_;
    std::map<TopicName, ParkedKeys> parked_;
};

}  // namespace eventbus
