#pragma once

#include <map>
#include <memory>
#include <optional>

#include "eventbus/bus/dead_letter_log.hpp"

namespace eventbus {

/// Tells which redrives of a dead-letter topic a consumer handles: of the records that settle one letter only
/// the first counts, so that commands that ran at once do not send an event twice. What it remembers is the
/// settled letters. Nothing is read before the first redrive. One thread at a time.
class RedriveFilter {
  public:
    RedriveFilter(std::shared_ptr<Broker> broker, TopicName topic);

    /// Whether a redrive that a subscription handed out is to be handled: no record before it settles its
    /// letter. The answer is the same when it is handed out again. Reads the topic up to it. Throws
    /// BrokerError, and DecodeError when it is no redrive.
    [[nodiscard]] bool counts(const ReceivedEvent& redrive);

  private:
    void read_up_to(const Position& position);

    std::shared_ptr<Broker> broker_;
    TopicName topic_;
    std::optional<DeadLetterLog> log_;
    /// The first record that settles a letter, by the letter.
    std::map<Position, Offset> settled_by_;
};

}  // namespace eventbus
