#pragma once

#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "eventbus/broker/broker.hpp"
#include "eventbus/bus/dead_letter.hpp"
#include "eventbus/bus/redrive_filter.hpp"
#include "eventbus/event/log.hpp"

namespace eventbus {

/// Takes in what a consumer reads of its group's dead-letter topics. One thread at a time.
class RedriveIntake {
  public:
    RedriveIntake(const std::shared_ptr<Broker>& broker, const std::vector<TopicName>& dead_letter_topics,
                  LogSink log);

    /// The event that is sent on; nothing when the record is for nobody to handle: a letter, a purge, a
    /// redrive that came second, or one that cannot be read, which is logged. Throws BrokerError; `record` is
    /// as it was then.
    [[nodiscard]] std::optional<Redriven> take(ReceivedEvent& record);

  private:
    LogSink log_;
    std::map<TopicName, RedriveFilter> filters_;
};

}  // namespace eventbus
