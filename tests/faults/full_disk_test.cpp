#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "bus_file.hpp"
#include "eventbus/event/error.hpp"
#include "mounts.hpp"

namespace eventbus::faults {

namespace {

using testing::HasSubstr;

constexpr std::size_t room = std::size_t{2} << 20;

void expect_full(const Refusal& refusal, const std::filesystem::path& path) {
    EXPECT_TRUE(refusal.is_storage_full) << refusal.text;
    EXPECT_TRUE(refusal.retriable);
    EXPECT_THAT(refusal.text, HasSubstr(path.string()));
    EXPECT_THAT(refusal.text, HasSubstr("free some disk space"));
}

/// Publishes until there is no room: what was stored.
std::vector<std::string> publish_until_full(Publisher& publisher, const std::filesystem::path& path) {
    std::vector<std::string> stored;
    for (int i = 0; i < 10'000; ++i) {
        std::string payload = std::to_string(i) + std::string(2000, 'x');
        try {
            BusFile::publish(publisher, payload);
        } catch (const BrokerError&) {
            expect_full(refusal_of([&] { BusFile::publish(publisher, payload); }), path);
            return stored;
        }
        stored.push_back(std::move(payload));
    }
    ADD_FAILURE() << "the disk never gets full";
    return stored;
}

TEST(FullDisk, LosesNothingAndGoesOnWhenThereIsRoom) {
    SmallDisk disk(room);
    const BusFile bus(disk.directory() / "events.db");
    const auto connection = bus.broker();
    const auto publisher = connection->publisher();
    auto stored = publish_until_full(*publisher, bus.path());
    EXPECT_GT(stored.size(), 100U);
    disk.make_room();
    for (const char* payload : {"first after", "second after"}) {
        BusFile::publish(*publisher, payload);
        stored.emplace_back(payload);
    }
    EXPECT_EQ(bus.stored(), stored);
}

TEST(FullDisk, AWriterThatStartsAfterwardsFindsEverything) {
    SmallDisk disk(room);
    const BusFile bus(disk.directory() / "events.db");
    auto stored = publish_until_full(*bus.broker()->publisher(), bus.path());
    disk.make_room();
    bus.publish("after");
    stored.emplace_back("after");
    EXPECT_EQ(bus.stored(), stored);
}

TEST(FullDisk, TheOthersOfABatchAreNotStoredEither) {
    SmallDisk disk(room);
    const BusFile bus(disk.directory() / "events.db");
    const auto connection = bus.broker();
    const auto publisher = connection->publisher();
    BusFile::publish(*publisher, "before");
    disk.fill();
    int failed = 0;
    const TopicName topic("topic");
    const EventMetadata metadata;
    const std::string payload(50'000, 'x');
    for (int i = 0; i < 100; ++i) {
        OutgoingEvent event;
        event.topic = &topic;
        event.metadata = &metadata;
        event.payload = std::as_bytes(std::span(payload));
        publisher->enqueue(event, [&](const Delivery& delivery) {
            if (delivery.failure) ++failed;
        });
    }
    EXPECT_TRUE(publisher->flush(std::chrono::minutes(1)));
    EXPECT_GT(failed, 50);
    disk.make_room();
    EXPECT_EQ(bus.stored().size(), static_cast<std::size_t>(1 + 100 - failed));
}

TEST(FullDisk, ABusCannotBeMadeThere) {
    SmallDisk disk(room);
    disk.fill();
    const BusFile bus(disk.directory() / "events.db");
    const auto refusal = refusal_of([&] { bus.publish("event"); });
    EXPECT_TRUE(refusal.is_storage_full) << refusal.text;
    EXPECT_THAT(refusal.text, HasSubstr(bus.path().string()));
    disk.make_room();
    bus.publish("event");
    EXPECT_EQ(bus.stored(), std::vector<std::string>{"event"});
}

TEST(FullDisk, AConsumerLosesNothing) {
    SmallDisk disk(room);
    const BusFile bus(disk.directory() / "events.db");
    const auto connection = bus.broker();
    const auto publisher = connection->publisher();
    SubscribeOptions options{
        .topics = {TopicName("topic")}, .group = GroupName("group"), .reset = {}, .member = {}};
    options.prefetch = 100'000;
    const auto subscription = connection->subscribe(options);
    connection->admin()->create_topic(options.topics.front(), {1, {}});
    static_cast<void>(subscription->poll(1, std::chrono::milliseconds(0)));
    const auto stored = publish_until_full(*publisher, bus.path());
    disk.fill();
    std::vector<ReceivedEvent> events;
    while (events.size() < stored.size()) {
        auto some = subscription->poll(100'000, std::chrono::seconds(5));
        ASSERT_FALSE(some.empty());
        std::ranges::move(some, std::back_inserter(events));
    }
    // Positions take little room: some can be stored still, and at last none.
    std::size_t acknowledged = 0;
    const auto acknowledge_next = [&] {
        const ReceivedEvent& event = events.at(acknowledged++);
        const Receipt receipt{&event.topic, event.position};
        subscription->acknowledge(std::span(&receipt, 1));
    };
    const auto acknowledge_until_full = [&] {
        while (acknowledged < events.size()) acknowledge_next();
    };
    expect_full(refusal_of(acknowledge_until_full), bus.path());
    disk.make_room();
    acknowledge_next();
    const auto groups = connection->admin()->groups(TopicName("topic"));
    ASSERT_EQ(groups.size(), 1U);
    EXPECT_EQ(groups[0].partitions.at(0).lag, events.size() - acknowledged);
}

}  // namespace

}  // namespace eventbus::faults
