#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>
#include <thread>

#include "fixture.hpp"

namespace eventbus::conformance {

namespace {

class ThreadsTest : public Conformance {
  protected:
    using Arrived = std::map<std::string, std::vector<std::string>>;

    /// Polls with several members in threads of their own until so many events came: payloads by key.
    Arrived consume(const TopicName& topic, std::size_t members, std::size_t count) {
        Arrived arrived;
        std::mutex mutex;
        std::atomic<std::size_t> total = 0;
        const auto deadline = std::chrono::steady_clock::now() + patience;
        std::vector<std::jthread> threads;
        for (std::size_t i = 0; i < members; ++i) {
            threads.emplace_back([&, member = std::shared_ptr<Subscription>(subscribe(topic))] {
                while (total < count && std::chrono::steady_clock::now() < deadline) {
                    const Events events = member->poll(100, std::chrono::milliseconds(20));
                    {
                        const std::lock_guard lock(mutex);
                        for (const ReceivedEvent& event : events)
                            arrived[event.key.value()].push_back(text(event));
                    }
                    acknowledge(*member, events);
                    total += events.size();
                }
            });
        }
        threads.clear();
        return arrived;
    }
};

TEST_F(ThreadsTest, ManyPublishAtOnce) {
    const TopicName topic = make_topic("topic", 4);
    constexpr std::size_t threads = 32;
    constexpr std::size_t events_of_thread = 25;
    Publisher& shared = publisher();
    {
        std::vector<std::jthread> senders;
        for (std::size_t t = 0; t < threads; ++t) {
            senders.emplace_back([&, t] {
                for (std::size_t i = 0; i < events_of_thread; ++i) {
                    const Message message{topic, "e" + std::to_string(i), "thread " + std::to_string(t)};
                    const OutgoingEvent event = message.view();
                    const auto deliveries = shared.publish(std::span(&event, 1));
                    EXPECT_EQ(deliveries.at(0).failure, nullptr);
                }
            });
        }
    }
    const Arrived arrived = consume(topic, 3, threads * events_of_thread);
    ASSERT_EQ(arrived.size(), threads);
    for (const auto& [key, events] : arrived) EXPECT_EQ(events, numbered("e", events_of_thread)) << key;
}

TEST_F(ThreadsTest, PublishAndEnqueueMixWhileMembersRead) {
    const TopicName topic = make_topic("topic", 4);
    constexpr std::size_t threads = 8;
    constexpr std::size_t events_of_thread = 200;
    Publisher& shared = publisher();
    std::atomic<std::size_t> reported = 0;
    std::vector<std::jthread> senders;
    for (std::size_t t = 0; t < threads; ++t) {
        senders.emplace_back([&, t] {
            for (std::size_t i = 0; i < events_of_thread; ++i) {
                const Message message{topic, "e" + std::to_string(i), "thread " + std::to_string(t)};
                const OutgoingEvent event = message.view();
                if (i % 10 == 0) {
                    EXPECT_EQ(shared.publish(std::span(&event, 1)).at(0).failure, nullptr);
                    ++reported;
                } else {
                    shared.enqueue(event, [&](const Delivery& delivery) {
                        EXPECT_EQ(delivery.failure, nullptr);
                        ++reported;
                    });
                }
            }
            EXPECT_TRUE(shared.flush(patience));
        });
    }
    const Arrived arrived = consume(topic, 3, threads * events_of_thread);
    senders.clear();
    EXPECT_EQ(reported, threads * events_of_thread);
    ASSERT_EQ(arrived.size(), threads);
    for (const auto& [key, events] : arrived) EXPECT_EQ(events, numbered("e", events_of_thread)) << key;
    EXPECT_EQ(group_lag(topic), 0U);
}

TEST_F(ThreadsTest, FlushDoesNotWaitForWhatOthersEnqueueLater) {
    const TopicName topic = make_topic();
    Publisher& shared = publisher();
    std::atomic<bool> stop = false;
    std::jthread other([&] {
        const Message message{topic, "noise"};
        while (!stop) {
            shared.enqueue(message.view(), [](const Delivery&) {});
            std::this_thread::yield();
        }
    });
    for (int i = 0; i < 5; ++i) {
        std::atomic<bool> done = false;
        const Message message{topic, "event"};
        shared.enqueue(message.view(), [&](const Delivery&) { done = true; });
        EXPECT_TRUE(shared.flush(patience));
        EXPECT_TRUE(done);
    }
    stop = true;
}

TEST_F(ThreadsTest, ManyAcknowledgeWhileOnePolls) {
    const TopicName topic = make_topic("topic", 4);
    constexpr std::size_t count = 600;
    publish(messages(topic, count));
    const Member member = subscribe(topic);
    std::mutex mutex;
    std::vector<ReceivedEvent> handed;
    std::atomic<std::size_t> acknowledged = 0;
    std::vector<std::jthread> handlers;
    for (int t = 0; t < 4; ++t) {
        handlers.emplace_back([&] {
            while (acknowledged < count) {
                std::vector<ReceivedEvent> mine;
                {
                    const std::lock_guard lock(mutex);
                    for (int i = 0; i < 3 && !handed.empty(); ++i) {
                        mine.push_back(std::move(handed.back()));
                        handed.pop_back();
                    }
                }
                if (mine.empty()) std::this_thread::yield();
                acknowledge(*member, mine);
                acknowledged += mine.size();
            }
        });
    }
    std::size_t polled = 0;
    while (polled < count) {
        Events events = member->poll(50, patience);
        ASSERT_FALSE(events.empty());
        polled += events.size();
        const std::lock_guard lock(mutex);
        std::ranges::move(events, std::back_inserter(handed));
    }
    handlers.clear();
    EXPECT_EQ(group_lag(topic), 0U);
}

TEST_F(ThreadsTest, ManyAdministerAtOnce) {
    Admin& shared = admin();
    std::vector<std::jthread> threads;
    for (int t = 0; t < 6; ++t) {
        threads.emplace_back([&, t] {
            const TopicName own("topic-" + std::to_string(t));
            for (int i = 0; i < 5; ++i) {
                shared.create_topic(own, {1, {}});
                shared.move_group(own, GroupName("group"), Earliest{});
                EXPECT_TRUE(shared.topic(own));
                EXPECT_EQ(shared.groups(own).size(), 1U);
                EXPECT_FALSE(shared.topics().empty());
                shared.delete_topic(own);
            }
        });
    }
    threads.clear();
    EXPECT_TRUE(shared.topics().empty());
}

TEST_F(ThreadsTest, ABrokerMakesItsPartsInAnyThread) {
    const TopicName topic = make_topic("topic", 2);
    Broker& shared = broker();
    {
        std::vector<std::jthread> threads;
        for (int t = 0; t < 6; ++t) {
            threads.emplace_back([&, t] {
                const Message message{topic, "e" + std::to_string(t)};
                const OutgoingEvent event = message.view();
                EXPECT_EQ(shared.publisher()->publish(std::span(&event, 1)).at(0).failure, nullptr);
                EXPECT_TRUE(shared.admin()->topic(topic));
                shared.subscribe(options(topic, "group " + std::to_string(t)))->close();
            });
        }
    }
    EXPECT_EQ(sorted(texts(receive(*subscribe(topic), 6))), numbered("e", 6));
}

}  // namespace

}  // namespace eventbus::conformance
