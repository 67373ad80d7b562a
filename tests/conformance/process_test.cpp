#include <unistd.h>

#include <atomic>
#include <csignal>
#include <map>
#include <thread>

#include "child.hpp"
#include "fixture.hpp"

namespace eventbus::conformance {

namespace {

class ProcessTest : public Conformance {
  protected:
    void SetUp() override {
        if (!backend().features.processes) GTEST_SKIP() << "other processes cannot reach it";
    }

    static void publish_with(Broker& connection, const std::vector<Message>& batch) {
        const auto writer = connection.publisher();
        std::vector<OutgoingEvent> events;
        for (const Message& message : batch) events.push_back(message.view());
        for (const Delivery& delivery : writer->publish(events)) EXPECT_EQ(delivery.failure, nullptr);
    }

    /// Consumes and acknowledges until so many came: how often each did.
    std::map<std::string, int> drain(const TopicName& topic, std::size_t count) {
        std::map<std::string, int> seen;
        std::vector<Member> members;
        members.push_back(subscribe(topic));
        const auto take = [&](std::size_t, Subscription& member, const Events& events) {
            for (const ReceivedEvent& event : events) ++seen[text(event)];
            acknowledge(member, events);
        };
        EXPECT_TRUE(poll_in_turn(members, take, [&] { return seen.size() >= count; }))
            << seen.size() << " of " << count << " came";
        return seen;
    }
};

TEST_F(ProcessTest, ReadsWhatOtherProcessesPublish) {
    const TopicName topic = make_topic("topic", 4);
    constexpr std::size_t children = 4;
    constexpr std::size_t events_of_child = 200;
    std::vector<std::unique_ptr<Child>> senders;
    for (std::size_t c = 0; c < children; ++c) {
        senders.push_back(std::make_unique<Child>([&, c] {
            const auto connection = store().connect();
            const auto writer = connection->publisher();
            for (std::size_t i = 0; i < events_of_child; ++i) {
                const Message message{topic, std::to_string(c) + ":" + std::to_string(i),
                                      "child " + std::to_string(c)};
                writer->enqueue(message.view(),
                                [](const Delivery& delivery) { EXPECT_EQ(delivery.failure, nullptr); });
            }
            EXPECT_TRUE(writer->flush(patience));
        }));
    }
    const Member member = subscribe(topic);
    std::map<std::string, std::size_t> next;
    std::size_t total = 0;
    while (total < children * events_of_child) {
        const Events events = member->poll(1000, patience);
        ASSERT_FALSE(events.empty());
        total += events.size();
        for (const ReceivedEvent& event : events) {
            const std::string& key = event.key.value();
            EXPECT_EQ(text(event), key.substr(6) + ":" + std::to_string(next[key]++));
        }
        acknowledge(*member, events);
    }
    for (const auto& sender : senders) EXPECT_EQ(sender->exit_code(), 0);
}

TEST_F(ProcessTest, MembersOfSeveralProcessesShareAndHandOver) {
    if (!backend().features.partitions) GTEST_SKIP() << "there is one partition";
    const TopicName topic = make_topic("topic", 4);
    const Baton joined;
    const Baton leave;
    Child other([&] {
        const auto connection = store().connect();
        const Member member = connection->subscribe(options(topic));
        while (member->lag().size() != 2) static_cast<void>(member->poll(1, std::chrono::milliseconds(5)));
        joined.pass();
        static_cast<void>(leave.wait());
        member->close();
    });
    const Member mine = subscribe(topic);
    const auto deadline = std::chrono::steady_clock::now() + patience;
    std::thread waiter([&] { EXPECT_TRUE(joined.wait()); });
    while (mine->lag().size() != 2 && std::chrono::steady_clock::now() < deadline)
        static_cast<void>(mine->poll(1, std::chrono::milliseconds(5)));
    waiter.join();
    EXPECT_EQ(mine->lag().size(), 2U);
    leave.pass();
    EXPECT_EQ(other.exit_code(), 0);
    while (mine->lag().size() != 4 && std::chrono::steady_clock::now() < deadline)
        static_cast<void>(mine->poll(1, std::chrono::milliseconds(5)));
    EXPECT_EQ(mine->lag().size(), 4U);
}

TEST_F(ProcessTest, TakesOverFromAMemberThatWasKilled) {
    const TopicName topic = make_topic("topic", 4);
    publish(messages(topic, 40));
    const Baton holding;
    Child victim([&] {
        const auto connection = store().connect();
        const Member member = connection->subscribe(options(topic));
        const Events events = receive(*member, 40);
        acknowledge(*member, std::span(events).first(events.size() / 2));
        holding.pass();
        for (;;) ::pause();
    });
    ASSERT_TRUE(holding.wait());
    EXPECT_EQ(group_lag(topic), 20U);
    const Member heir = subscribe(topic);
    EXPECT_TRUE(glimpse(*heir).empty()) << "taken from a member that lives";
    victim.kill();
    const Events events = receive(*heir, 20);
    EXPECT_EQ(events.size(), 20U);
    acknowledge(*heir, events);
    EXPECT_EQ(group_lag(topic), 0U);
}

TEST_F(ProcessTest, AWaitingMemberTakesOverByItself) {
    const TopicName topic = make_topic();
    publish({topic, "event"});
    const Baton holding;
    Child victim([&] {
        const auto connection = store().connect();
        const Member member = connection->subscribe(options(topic));
        EXPECT_EQ(receive(*member, 1).size(), 1U);
        holding.pass();
        for (;;) ::pause();
    });
    ASSERT_TRUE(holding.wait());
    const Member heir = subscribe(topic);
    EXPECT_TRUE(glimpse(*heir).empty());
    std::jthread killer([&] {
        std::this_thread::sleep_for(glance);
        victim.kill();
    });
    EXPECT_EQ(heir->poll(1, patience).size(), 1U);
}

TEST_F(ProcessTest, AStoppedMemberIsNotDead) {
    if (!backend().features.members_never_expire) GTEST_SKIP() << "a silent member is taken for dead";
    const TopicName topic = make_topic();
    publish({topic, "event"});
    const Baton holding;
    const Baton go_on;
    Child slow([&] {
        const auto connection = store().connect();
        const Member member = connection->subscribe(options(topic));
        const Events events = receive(*member, 1);
        EXPECT_EQ(events.size(), 1U);
        holding.pass();
        EXPECT_TRUE(go_on.wait());
        acknowledge(*member, events);
        member->close();
    });
    ASSERT_TRUE(holding.wait());
    slow.send(SIGSTOP);
    const Member other = subscribe(topic);
    EXPECT_TRUE(other->poll(1, std::chrono::milliseconds(2200)).empty()) << "taken from a member that lives";
    slow.send(SIGCONT);
    go_on.pass();
    EXPECT_EQ(slow.exit_code(), 0);
    EXPECT_TRUE(glimpse(*other).empty());
    EXPECT_EQ(group_lag(topic), 0U);
}

TEST_F(ProcessTest, AMemberThatWasTakenForDeadReadsNoMore) {
    if (backend().features.members_never_expire) GTEST_SKIP() << "a silent member is not taken for dead";
    const TopicName topic = make_topic();
    publish({topic, "before"});
    const Baton holding;
    const Baton look;
    Child slow([&] {
        const auto connection = store().connect();
        const Member member = connection->subscribe(options(topic));
        EXPECT_EQ(receive(*member, 1).size(), 1U);
        holding.pass();
        EXPECT_TRUE(look.wait());
        EXPECT_TRUE(glimpse(*member).empty()) << "two members read one partition";
        ::_exit(testing::Test::HasFailure() ? 1 : 0);
    });
    ASSERT_TRUE(holding.wait());
    slow.send(SIGSTOP);
    const Member heir = subscribe(topic);
    acknowledge(*heir, receive(*heir, 1));
    publish({topic, "after"});
    slow.send(SIGCONT);
    look.pass();
    EXPECT_EQ(slow.exit_code(), 0);
    EXPECT_EQ(receive(*heir, 1).size(), 1U);
}

TEST_F(ProcessTest, MembersKilledAgainAndAgainLoseNothing) {
    const TopicName topic = make_topic("topic", 3);
    constexpr std::size_t count = 300;
    publish(messages(topic, count));
    for (int round = 0; round < 8; ++round) {
        const Baton working;
        Child victim([&] {
            const auto connection = store().connect();
            const Member member = connection->subscribe(options(topic));
            for (;;) {
                const Events events = member->poll(10, patience);
                working.pass();
                acknowledge(*member, std::span(events).first(events.size() / 2));
            }
        });
        ASSERT_TRUE(working.wait());
        victim.kill();
    }
    const std::uint64_t left = group_lag(topic);
    EXPECT_GE(left, count - 8 * 10);
    std::size_t received = 0;
    const Member heir = subscribe(topic);
    while (received < left) {
        const Events events = heir->poll(1000, patience);
        ASSERT_FALSE(events.empty());
        received += events.size();
        acknowledge(*heir, events);
    }
    EXPECT_EQ(received, left);
    EXPECT_EQ(group_lag(topic), 0U);
}

TEST_F(ProcessTest, AChildMayUseTheParentsBroker) {
    if (!backend().features.survives_fork) GTEST_SKIP() << "a broker does not survive a fork";
    const TopicName topic = make_topic("topic", 2);
    publish({topic, "of the parent"});
    Child child([&] {
        publish({topic, "of the child"});
        EXPECT_TRUE(admin().topic(topic));
        publish_with(broker(), {{topic, "of a new publisher"}});
    });
    EXPECT_EQ(child.exit_code(), 0);
    publish({topic, "of the parent again"});
    EXPECT_EQ(drain(topic, 4).size(), 4U);
}

TEST_F(ProcessTest, AChildOfAMemberIsAnotherMember) {
    if (!backend().features.partitions) GTEST_SKIP() << "there is one partition";
    if (!backend().features.survives_fork) GTEST_SKIP() << "a broker does not survive a fork";
    const TopicName topic = make_topic("topic", 2);
    const Member member = subscribe(topic);
    const auto owned = [&] { return member->lag().size(); };
    while (owned() != 2) static_cast<void>(member->poll(1, std::chrono::milliseconds(5)));
    const Baton shared;
    const Baton leave;
    Child child([&] {
        while (owned() != 1) static_cast<void>(member->poll(1, std::chrono::milliseconds(5)));
        shared.pass();
        static_cast<void>(leave.wait());
        member->close();
    });
    const auto deadline = std::chrono::steady_clock::now() + patience;
    const auto reach = [&](std::size_t share) {
        while (owned() != share && std::chrono::steady_clock::now() < deadline)
            static_cast<void>(member->poll(1, std::chrono::milliseconds(5)));
        EXPECT_EQ(owned(), share);
    };
    reach(1);
    ASSERT_TRUE(shared.wait());
    leave.pass();
    EXPECT_EQ(child.exit_code(), 0);
    reach(2);
}

TEST_F(ProcessTest, AChildThatDoesNothingHoldsNothing) {
    if (!backend().features.survives_fork) GTEST_SKIP() << "a broker does not survive a fork";
    const TopicName topic = make_topic();
    publish({topic, "event"});
    const Baton forked;
    const Baton end;
    Child victim([&] {
        const auto connection = store().connect();
        const Member member = connection->subscribe(options(topic));
        EXPECT_EQ(receive(*member, 1).size(), 1U);
        if (::fork() == 0) {
            static_cast<void>(end.wait());
            ::_exit(0);
        }
        forked.pass();
        for (;;) ::pause();
    });
    ASSERT_TRUE(forked.wait());
    victim.kill();
    EXPECT_EQ(receive(*subscribe(topic), 1).size(), 1U) << "the dead member's child keeps its place";
    end.pass();
}

TEST_F(ProcessTest, AChildOutlivesTheParentsConnection) {
    if (!backend().features.survives_fork) GTEST_SKIP() << "a broker does not survive a fork";
    const TopicName topic = make_topic("topic", 2);
    const Baton ready;
    const Baton parent_is_gone;
    const Baton done;
    const Baton end;
    Child parent([&] {
        auto connection = store().connect();
        auto writer = connection->publisher();
        auto reader = connection->subscribe(options(topic, "other"));
        const Message message{topic, "before"};
        const OutgoingEvent event = message.view();
        EXPECT_EQ(writer->publish(std::span(&event, 1)).at(0).failure, nullptr);
        if (::fork() == 0) {
            for (int i = 0; i < 50; ++i) {
                const Message again{topic, "child " + std::to_string(i)};
                const OutgoingEvent view = again.view();
                if (i == 1) {
                    ready.pass();
                    static_cast<void>(parent_is_gone.wait());
                }
                if (writer->publish(std::span(&view, 1)).at(0).failure) ::_exit(1);
            }
            done.pass();
            static_cast<void>(end.wait());
            ::_exit(0);
        }
        EXPECT_TRUE(ready.wait());
        writer.reset();
        reader.reset();
        connection.reset();
    });
    reconnect();
    EXPECT_EQ(parent.exit_code(), 0);
    parent_is_gone.pass();
    ASSERT_TRUE(done.wait());
    EXPECT_EQ(drain(topic, 51).size(), 51U);
    end.pass();
}

TEST_F(ProcessTest, ForkingWhileThreadsWorkIsSafe) {
    if (!backend().features.survives_fork) GTEST_SKIP() << "a broker does not survive a fork";
#ifdef __SANITIZE_ADDRESS__
    GTEST_SKIP() << "AddressSanitizer's allocator does not survive the fork of a process with busy threads";
#endif
    const TopicName topic = make_topic("topic", 2);
    Publisher& shared = publisher();
    std::atomic<bool> stop = false;
    std::atomic<std::size_t> sent = 0;
    std::vector<std::jthread> senders;
    for (int t = 0; t < 3; ++t) {
        senders.emplace_back([&, t] {
            for (int i = 0; !stop; ++i) {
                const Message message{topic, std::to_string(t) + ":" + std::to_string(i)};
                const OutgoingEvent event = message.view();
                EXPECT_EQ(shared.publish(std::span(&event, 1)).at(0).failure, nullptr);
                ++sent;
            }
        });
    }
    constexpr int forks = 20;
    for (int i = 0; i < forks; ++i) {
        Child child([&, i] { publish({topic, "child " + std::to_string(i)}); });
        EXPECT_EQ(child.exit_code(), 0);
    }
    stop = true;
    senders.clear();
    const std::size_t expected = sent + forks;
    EXPECT_EQ(stored(topic), expected);
    EXPECT_EQ(drain(topic, expected).size(), expected);
}

}  // namespace

}  // namespace eventbus::conformance
