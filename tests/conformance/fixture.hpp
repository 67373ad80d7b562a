#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "backend.hpp"
#include "eventbus/event/error.hpp"
#include "message.hpp"

namespace eventbus::conformance {

using Events = std::vector<ReceivedEvent>;
using Member = std::unique_ptr<Subscription>;

/// How long a test waits for what must come; never waited for when all is well.
inline constexpr std::chrono::milliseconds patience{60'000};
/// How long a test looks for what must not come.
inline constexpr std::chrono::milliseconds glance{100};

/// A fresh store for each test, and a first connection to it.
class Conformance : public testing::Test {
  protected:
    [[nodiscard]] TestStore& store();
    [[nodiscard]] Broker& broker();
    [[nodiscard]] Publisher& publisher();
    [[nodiscard]] Admin& admin();
    /// Ends the first connection and makes it again.
    void reconnect();

    /// Makes a topic with these partitions, or with one where the backend has no more.
    TopicName make_topic(const std::string& name = "topic", std::int32_t partitions = 1,
                         const Retention& retention = {});

    /// Makes the topics that are not there, where publishing does not.
    void need_topics(std::span<const Message> batch);
    /// Publishes and returns the positions; throws the first failure.
    std::vector<Position> publish(std::span<const Message> batch);
    Position publish(const Message& message);
    /// Publishes the old, waits, takes the time, waits, and publishes the new.
    Timestamp publish_apart(std::span<const Message> old_ones, std::span<const Message> new_ones);

    [[nodiscard]] SubscribeOptions options(const TopicName& topic, const std::string& group = "group") const;
    [[nodiscard]] Member subscribe(const TopicName& topic, const std::string& group = "group",
                                   const StartAt& start = Earliest{});
    [[nodiscard]] Member subscribe(const SubscribeOptions& options) { return broker().subscribe(options); }

    /// The group as `admin` shows it; fails the test when it is not there.
    [[nodiscard]] GroupInfo group_info(const TopicName& topic, const std::string& group = "group");
    /// Events of all partitions that the group has not acknowledged.
    [[nodiscard]] std::uint64_t group_lag(const TopicName& topic, const std::string& group = "group");
    [[nodiscard]] std::uint64_t stored(const TopicName& topic);

    /// Polls all members in turn until each partition of the topic has an owner and the shares differ by at
    /// most one. Fails the test when an event arrives or it takes too long.
    void settle(const TopicName& topic, std::vector<Member>& members, const std::string& group = "group");

  private:
    std::unique_ptr<TestStore> store_;
    std::shared_ptr<Broker> broker_;
    std::unique_ptr<Publisher> publisher_;
    std::unique_ptr<Admin> admin_;
};

/// The schema is the one that was sent, or unknown where the wire does not tell it.
void expect_schema(const ReceivedEvent& event, const std::string& sent);

/// Polls until `count` events are there or patience ends.
[[nodiscard]] Events receive(Subscription& member, std::size_t count);

/// What comes at a short look.
[[nodiscard]] Events glimpse(Subscription& member);

/// All that is stored and not read yet, in reads of at most `most`.
[[nodiscard]] Events read_all(Reader& reader, std::size_t most = 1000);

void acknowledge(Subscription& member, std::span<const ReceivedEvent> events);
void acknowledge(Subscription& member, const ReceivedEvent& event);

using Handler = std::function<void(std::size_t member, Subscription& subscription, const Events& events)>;

/// Polls the members in turn and gives `handle` what came, until `done` or patience ends; true when done.
/// Members that are null are left out.
[[nodiscard]] bool poll_in_turn(std::vector<Member>& members, const Handler& handle,
                                const std::function<bool()>& done);

/// The event's id as AfterId takes it for a topic of so many partitions.
[[nodiscard]] std::string id_of(const ReceivedEvent& event, std::int32_t partitions);

}  // namespace eventbus::conformance
