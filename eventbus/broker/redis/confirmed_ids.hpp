#pragma once

#include <map>
#include <string>
#include <vector>

#include "eventbus/broker/position.hpp"
#include "eventbus/event/names.hpp"
#include "eventbus/redis/connection.hpp"

namespace eventbus::redis_streams {

/// The newest entry of each stream that the server confirmed, to notice a server that has lost it: one that
/// was restarted without its data, or a replica that had not received it. Not thread-safe.
class ConfirmedIds {
  public:
    struct Lost {
        TopicName topic;
        Offset confirmed;
        /// The newest id that the server knows of now; 0-0 when the stream is gone.
        Offset newest;
    };

    void note(const TopicName& topic, const Offset& id);
    /// Asks the server; what is lost is told once. Throws BrokerError when the server cannot answer for the
    /// time being (LOADING).
    [[nodiscard]] std::vector<Lost> find_lost(redis::Connection& connection);

  private:
    std::map<TopicName, Offset> newest_;
};

/// One line for a log.
[[nodiscard]] std::string describe(const ConfirmedIds::Lost& lost);

}  // namespace eventbus::redis_streams
