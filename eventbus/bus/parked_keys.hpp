#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "eventbus/bus/dead_letter_log.hpp"

namespace eventbus {

/// Which keys of a topic wait for an event that a group gave up: what a consumer needs to know that keeps
/// order by key even so. It is as of the last `refresh`; refresh it when events came and when an event became
/// a letter. That the topic is gone is noticed within a second. Holds a few words for each open letter that
/// has a key. One thread at a time.
class ParkedKeys {
  public:
    /// `topic` is the group's dead-letter topic. Nothing is opened before the first `refresh`.
    ParkedKeys(std::shared_ptr<Broker> broker, TopicName topic, GroupName group);

    /// Reads what the topic has got since. Throws BrokerError; it may be called again then.
    void refresh();

    /// Whether an event of this key, of the topic itself, must wait: a letter of the key is open, or was sent
    /// on and is not handled yet.
    [[nodiscard]] bool must_wait(std::string_view key) const;
    /// Whether an event that was sent on, as it came from its topic, must wait again: a letter of its key is
    /// open whose event stood before it, or such a letter was sent on after it. `redrive` is where the
    /// redrive stands.
    [[nodiscard]] bool must_wait_again(const ReceivedEvent& redriven, const Position& redrive) const;

    [[nodiscard]] bool empty() const { return keys_.empty(); }

  private:
    struct SentOn;
    struct Key {
        /// Where the events of its open letters were.
        std::multiset<Position> open;
        std::size_t sent_on = 0;
        /// Those of the redrives that are not late, by where their events were.
        std::multimap<Position, SentOn*> in_order;
    };
    using Keys = std::map<std::string, Key, std::less<>>;
    struct OpenLetter {
        Keys::iterator key;
        Position event;
    };
    struct SentOn {
        Keys::iterator key;
        Position event;
        /// An event that stood before its own was sent on after it.
        bool is_late = false;
    };

    void forget_everything();
    void look_at_topic();
    void read_log();
    void take_in(DeadLetterLogEntry entry);
    void open(const Position& letter, const DeadLetter& dead_letter);
    void settle(const DeadLetterLogEntry& entry);
    void send_on(const Position& redrive, Keys::iterator key, const Position& event);
    void forget(SentOn& sent_on);
    void forget_what_is_handled();
    void forget_if_idle(Keys::iterator key);

    std::shared_ptr<Broker> broker_;
    TopicName topic_;
    GroupName group_;
    std::unique_ptr<Admin> admin_;
    std::optional<DeadLetterLog> log_;
    Keys keys_;
    std::map<Position, OpenLetter> open_;
    /// Redrives that the group has not acknowledged.
    std::map<Position, SentOn> sent_on_;
    /// When it is looked whether the topic is still there.
    std::chrono::steady_clock::time_point next_look_at_topic_{};
};

}  // namespace eventbus
