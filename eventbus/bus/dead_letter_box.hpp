#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "eventbus/broker/broker.hpp"
#include "eventbus/bus/dead_letter.hpp"
#include "eventbus/bus/letter_filter.hpp"

namespace eventbus {

/// A dead letter that was neither sent on nor purged.
struct OpenLetter {
    /// Names it among the group's dead letters; see parse_letter_id.
    std::string id;
    DeadLetter letter;
};

/// What there is in a dead-letter topic besides the letters that were asked for.
struct DeadLettersSeen {
    /// Open letters that the filter matches.
    std::uint64_t letters = 0;
    /// Records that are no letters that are understood here. They are left alone.
    std::uint64_t unreadable = 0;
    /// Why, of the first one.
    std::string problem;
    /// A stop ended it early.
    bool stopped = false;
};

/// How far a redrive or purge is.
struct DeadLetterProgress {
    /// Letters that are settled by it.
    std::uint64_t letters = 0;
    /// Records of the topic that were looked at, and all there are to look at.
    std::uint64_t records = 0;
    std::uint64_t all_records = 0;
};

struct SettleLettersOptions {
    std::stop_token stop = {};
    std::function<void(const DeadLetterProgress&)> progress = {};
};

/// The dead letters of a group on a topic, for the one who looks after them. Consumers may be at work
/// meanwhile. It reads the group's dead-letter topic as it is at the call, and holds no more than some
/// hundred letters and a few bytes for each that is settled. All functions throw BrokerError. One thread at a
/// time.
class DeadLetterBox {
  public:
    /// `topic` is that of the events, prefix included.
    DeadLetterBox(std::shared_ptr<Broker> broker, const TopicName& topic, GroupName group);

    /// Where the letters are kept.
    [[nodiscard]] const TopicName& dead_letter_topic() const { return topic_; }

    /// Calls `use` for each open letter that the filter matches, in the order in which they were given up,
    /// until it returns false.
    DeadLettersSeen for_each(const LetterFilter& filter, const std::function<bool(OpenLetter)>& use);
    [[nodiscard]] DeadLettersSeen count(const LetterFilter& filter);

    /// Sends the letters on: the group's consumers give each to the handler that failed on it, in the order
    /// of the events as far as they are read together. One write settles a letter and sends it, so that at
    /// whatever point this ends each letter was either sent once or is still open. What is settled and
    /// handled is then removed, as far as nothing before it is open.
    DeadLettersSeen redrive(const LetterFilter& filter, const SettleLettersOptions& options = {});
    /// Gives the letters up for good. As with `redrive` what is settled is removed.
    DeadLettersSeen purge(const LetterFilter& filter, const SettleLettersOptions& options = {});

  private:
    using MakeRecord = OutgoingDeadLetter (*)(const ReceivedEvent&);
    DeadLettersSeen settle(const LetterFilter& filter, const SettleLettersOptions& options,
                           MakeRecord make_record);

    std::shared_ptr<Broker> broker_;
    TopicName topic_;
    GroupName group_;
};

/// A group that has open dead letters of a topic.
struct DeadLetterGroup {
    /// Of the events, prefix included.
    TopicName topic;
    GroupName group;
    TopicName dead_letter_topic;
    std::uint64_t open = 0;
};

/// All there are on a broker, by the names of the dead-letter topics. Reads each of them. Throws BrokerError.
[[nodiscard]] std::vector<DeadLetterGroup> dead_letter_groups(Broker& broker);

}  // namespace eventbus
