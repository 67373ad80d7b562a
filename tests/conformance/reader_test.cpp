#include <algorithm>
#include <map>
#include <thread>

#include "child.hpp"
#include "fixture.hpp"

namespace eventbus::conformance {

namespace {

class ReaderTest : public Conformance {
  protected:
    [[nodiscard]] std::unique_ptr<Reader> reader(const TopicName& topic, const StartAt& from = Earliest{},
                                                 const std::optional<StartAt>& to = {}) {
        return broker().reader({.topic = topic, .from = from, .to = to});
    }

    std::vector<std::string> all_from(const TopicName& topic, const StartAt& from) {
        return sorted(texts(read_all(*reader(topic, from))));
    }
};

TEST_F(ReaderTest, ReadsAllThatIsStoredAndThenNothing) {
    const TopicName topic = make_topic();
    const auto positions = publish(messages(topic, 10));
    const auto all = reader(topic);
    EXPECT_EQ(all->left(), 10U);
    const Events events = all->read(1000);
    EXPECT_EQ(texts(events), numbered("e", 10));
    for (std::size_t i = 0; i < events.size(); ++i) {
        EXPECT_EQ(events[i].topic, topic);
        EXPECT_EQ(events[i].position, positions[i]);
    }
    EXPECT_EQ(all->left(), 0U);
    EXPECT_TRUE(all->read(1000).empty());
}

TEST_F(ReaderTest, GivesAnEventAsASubscriptionDoes) {
    const TopicName topic = make_topic("topic", 3);
    publish({topic, "payload", "key", Message::example_metadata(), R"({"type": "string"})", {{"a", "b"}}});
    const Events received = receive(*subscribe(topic), 1);
    const Events read = read_all(*reader(topic));
    ASSERT_EQ(read.size(), 1U);
    ASSERT_EQ(received.size(), 1U);
    EXPECT_EQ(read[0].position, received[0].position);
    EXPECT_EQ(read[0].position_text, received[0].position_text);
    EXPECT_EQ(read[0].metadata, received[0].metadata);
    EXPECT_EQ(read[0].unusable, std::nullopt);
    EXPECT_EQ(read[0].key, "key");
    EXPECT_EQ(read[0].payload, received[0].payload);
    expect_schema(read[0], received[0].writer_schema ? *received[0].writer_schema : "");
    EXPECT_EQ(read[0].headers, received[0].headers);
    EXPECT_EQ(read[0].stored_at, received[0].stored_at);
}

TEST_F(ReaderTest, ReadsAllPartitionsInTheOrderOfEach) {
    const TopicName topic = make_topic("topic", 4);
    std::vector<Message> batch;
    for (int i = 0; i < 400; ++i)
        batch.push_back({topic, std::to_string(i), "key " + std::to_string(i % 20)});
    publish(batch);
    const auto all = reader(topic);
    const Events events = read_all(*all, 7);
    EXPECT_EQ(events.size(), 400U);
    std::map<Partition, Offset> last;
    std::map<std::string, int> last_of_key;
    for (const ReceivedEvent& event : events) {
        const auto before = last.find(event.position.partition);
        if (before != last.end()) {
            EXPECT_GT(event.position.offset, before->second);
        }
        last[event.position.partition] = event.position.offset;
        const int number = std::stoi(text(event));
        const auto of_key = last_of_key.find(*event.key);
        EXPECT_EQ(number, of_key == last_of_key.end() ? number % 20 : of_key->second + 20);
        last_of_key[*event.key] = number;
    }
    EXPECT_EQ(last.size(), backend().features.partitions ? 4U : 1U);
}

TEST_F(ReaderTest, CountsWhatIsLeftOfEachPartition) {
    const TopicName topic = make_topic("topic", 4);
    publish(messages(topic, 40));
    const auto some = reader(topic);
    EXPECT_EQ(some->left(), 40U);
    EXPECT_EQ(some->read(15).size(), 15U);
    EXPECT_EQ(some->left(), 25U);
    publish(messages(topic, 5));
    EXPECT_EQ(some->left(), 30U);
    EXPECT_TRUE(some->read(0).empty());
    EXPECT_EQ(some->left(), 30U);
}

TEST_F(ReaderTest, ReadsAnEmptyTopicAsEmpty) {
    const auto all = reader(make_topic("topic", 3));
    EXPECT_TRUE(all->read(10).empty());
    EXPECT_EQ(all->left(), 0U);
}

TEST_F(ReaderTest, DoesNotMakeATopicThatIsMissing) {
    const TopicName topic("missing");
    for (const StartAt& from : std::vector<StartAt>{Earliest{}, Latest{}, AtTime{now()}, AfterId{"1"}}) {
        const auto none = reader(topic, from);
        EXPECT_TRUE(none->read(10).empty());
        EXPECT_EQ(none->left(), 0U);
    }
    EXPECT_FALSE(admin().topic(topic));
    EXPECT_TRUE(admin().topics().empty());
}

TEST_F(ReaderTest, PicksUpATopicThatIsMadeLater) {
    const TopicName topic("later");
    const Timestamp before = now();
    std::vector<std::unique_ptr<Reader>> readers;
    for (const StartAt& from : std::vector<StartAt>{Earliest{}, Latest{}, AtTime{before}}) {
        readers.push_back(reader(topic, from));
        EXPECT_TRUE(readers.back()->read(10).empty());
    }
    publish(messages(topic, 3, "e", "key"));
    for (const auto& all : readers) {
        EXPECT_EQ(all->left(), 3U);
        EXPECT_EQ(texts(read_all(*all)), numbered("e", 3));
    }
}

TEST_F(ReaderTest, StartsOverWithATopicThatIsMadeAnew) {
    const TopicName topic = make_topic();
    publish(messages(topic, 5, "old"));
    const auto all = reader(topic);
    const auto latest = reader(topic, Latest{});
    EXPECT_EQ(all->read(2).size(), 2U);
    admin().delete_topic(topic);
    EXPECT_TRUE(all->read(10).empty());
    EXPECT_EQ(all->left(), 0U);
    make_topic("topic", 2);
    publish(messages(topic, 3, "new"));
    EXPECT_EQ(sorted(texts(read_all(*all))), numbered("new", 3));
    EXPECT_EQ(sorted(texts(read_all(*latest))), numbered("new", 3));
}

TEST_F(ReaderTest, GoesOnWithWhatIsStoredSince) {
    const TopicName topic = make_topic("topic", 3);
    const auto tail = reader(topic);
    for (int round = 0; round < 5; ++round) {
        const std::string prefix = "round " + std::to_string(round) + " ";
        publish(messages(topic, 20, prefix));
        EXPECT_EQ(tail->left(), 20U);
        EXPECT_EQ(sorted(texts(read_all(*tail, 6))), sorted(numbered(prefix, 20)));
    }
}

TEST_F(ReaderTest, StartsAtTheLatestEvent) {
    const TopicName topic = make_topic("topic", 3);
    publish(messages(topic, 10, "old"));
    const auto latest = reader(topic, Latest{});
    EXPECT_TRUE(latest->read(10).empty());
    publish(messages(topic, 10, "new"));
    EXPECT_EQ(sorted(texts(read_all(*latest))), sorted(numbered("new", 10)));
}

TEST_F(ReaderTest, StartsAtATime) {
    const TopicName topic = make_topic("topic", 3);
    const Timestamp between = publish_apart(messages(topic, 5, "old"), messages(topic, 5, "new"));
    EXPECT_EQ(all_from(topic, AtTime{between}), sorted(numbered("new", 5)));
    EXPECT_EQ(all_from(topic, AtTime{between - std::chrono::hours(1)}).size(), 10U);
    const auto future = reader(topic, AtTime{now() + std::chrono::hours(1)});
    EXPECT_TRUE(future->read(10).empty());
    publish({topic, "next"});
    EXPECT_EQ(texts(read_all(*future)), (std::vector<std::string>{"next"}));
}

TEST_F(ReaderTest, StartsAfterAnId) {
    const TopicName topic = make_topic();
    publish(messages(topic, 10));
    const Events events = read_all(*reader(topic));
    ASSERT_EQ(events.size(), 10U);
    for (const std::size_t i : {0U, 5U, 8U})
        EXPECT_EQ(all_from(topic, AfterId{id_of(events[i], 1)}), sorted(numbered("e", 9 - i, i + 1)));
    const auto last = reader(topic, AfterId{id_of(events[9], 1)});
    EXPECT_TRUE(last->read(10).empty());
    publish({topic, "next"});
    EXPECT_EQ(texts(read_all(*last)), (std::vector<std::string>{"next"}));
}

TEST_F(ReaderTest, StartsAfterIdsOfSomePartitions) {
    if (!backend().features.partitions) GTEST_SKIP() << "there is one partition";
    const TopicName topic = make_topic("topic", 3);
    publish(messages(topic, 30));
    const Events events = read_all(*reader(topic));
    ASSERT_EQ(events.size(), 30U);
    const auto last_of = [&](Partition partition) {
        return *std::ranges::find(events.rbegin(), events.rend(), partition,
                                  [](const ReceivedEvent& event) { return event.position.partition; });
    };
    std::vector<std::string> expected;
    for (const ReceivedEvent& event : events)
        if (event.position.partition == Partition{1}) expected.push_back(text(event));
    ASSERT_FALSE(expected.empty());
    const std::string ids = id_of(last_of(Partition{0}), 3) + "," + id_of(last_of(Partition{2}), 3);
    const auto some = reader(topic, AfterId{ids});
    EXPECT_EQ(some->left(), expected.size());
    EXPECT_EQ(sorted(texts(read_all(*some))), sorted(expected));
}

TEST_F(ReaderTest, EndsWithWhatWasStoredWhenItBegan) {
    const TopicName topic = make_topic("topic", 3);
    publish(messages(topic, 20, "old"));
    const auto old = reader(topic, Earliest{}, Latest{});
    publish(messages(topic, 20, "new"));
    EXPECT_EQ(old->left(), 20U);
    EXPECT_EQ(sorted(texts(read_all(*old, 3))), sorted(numbered("old", 20)));
    EXPECT_EQ(old->left(), 0U);
    publish(messages(topic, 20, "new"));
    EXPECT_TRUE(old->read(10).empty());
}

TEST_F(ReaderTest, EndsBeforeATime) {
    const TopicName topic = make_topic("topic", 3);
    const Timestamp between = publish_apart(messages(topic, 5, "old"), messages(topic, 5, "new"));
    EXPECT_EQ(sorted(texts(read_all(*reader(topic, Earliest{}, AtTime{between})))),
              sorted(numbered("old", 5)));
    EXPECT_TRUE(reader(topic, AtTime{between}, AtTime{between})->read(10).empty());
    EXPECT_EQ(reader(topic, AtTime{between}, AtTime{between})->left(), 0U);
    EXPECT_TRUE(reader(topic, AtTime{between}, AtTime{between - std::chrono::hours(1)})->read(10).empty());
    EXPECT_EQ(reader(topic, AtTime{between}, AtTime{between - std::chrono::hours(1)})->left(), 0U);
    const auto future = reader(topic, Earliest{}, AtTime{now() + std::chrono::hours(1)});
    publish({topic, "later"});
    EXPECT_EQ(read_all(*future).size(), 10U) << "it ends with what is stored when it begins";
}

TEST_F(ReaderTest, EndsWithAnId) {
    const TopicName topic = make_topic();
    publish(messages(topic, 10));
    const Events events = read_all(*reader(topic));
    ASSERT_EQ(events.size(), 10U);
    const auto some = reader(topic, AfterId{id_of(events[2], 1)}, AfterId{id_of(events[6], 1)});
    EXPECT_EQ(some->left(), 4U);
    EXPECT_EQ(texts(read_all(*some)), numbered("e", 4, 3));
    EXPECT_THROW(static_cast<void>(reader(topic, Earliest{}, AfterId{"none"})), InvalidValue);
}

TEST_F(ReaderTest, EndsWithIdsOfSomePartitions) {
    if (!backend().features.partitions) GTEST_SKIP() << "there is one partition";
    const TopicName topic = make_topic("topic", 2);
    publish(messages(topic, 20));
    const Events events = read_all(*reader(topic));
    const auto first = *std::ranges::find(
        events, Partition{1}, [](const ReceivedEvent& event) { return event.position.partition; });
    const auto some = reader(topic, Earliest{}, AfterId{id_of(first, 2)});
    publish(messages(topic, 20));
    const auto of_the_other = std::ranges::count(
        events, Partition{0}, [](const ReceivedEvent& event) { return event.position.partition; });
    const auto expected = static_cast<std::uint64_t>(of_the_other) + 1;
    EXPECT_EQ(some->left(), expected);
    EXPECT_EQ(read_all(*some).size(), expected);
}

TEST_F(ReaderTest, RefusesAnIdThatIsNone) {
    const TopicName topic = make_topic();
    publish({topic, "event"});
    for (const std::string id : {"", "x", "-1", "1:2:3", "1 ", "7:0", "99999999999999999999999"})
        EXPECT_THROW(static_cast<void>(reader(topic, AfterId{id})), InvalidValue) << id;
}

TEST_F(ReaderTest, RefusesAnIdAtTheFirstReadOfALaterTopic) {
    const TopicName topic("later");
    const auto none = reader(topic, AfterId{"none"});
    EXPECT_TRUE(none->read(1).empty());
    publish({topic, "event"});
    EXPECT_THROW(static_cast<void>(none->read(1)), InvalidValue);
    EXPECT_THROW(static_cast<void>(none->left()), InvalidValue);
}

TEST_F(ReaderTest, LeavesGroupsAloneAndNothingBehind) {
    const TopicName topic = make_topic("topic", 3);
    publish(messages(topic, 30));
    {
        const auto all = reader(topic);
        EXPECT_EQ(read_all(*all).size(), 30U);
        EXPECT_TRUE(admin().groups(topic).empty());
    }
    EXPECT_TRUE(admin().groups(topic).empty());
    const Member member = subscribe(topic);
    const Events events = receive(*member, 30);
    acknowledge(*member, std::span(events).first(10));
    const auto all = reader(topic);
    EXPECT_EQ(read_all(*all, 4).size(), 30U);
    EXPECT_EQ(group_lag(topic), 20U);
    EXPECT_EQ(admin().groups(topic).size(), 1U);
    EXPECT_TRUE(glimpse(*member).empty()) << "the group gets events again";
    EXPECT_EQ(member->lag().size(), backend().features.partitions ? 3U : 1U);
}

TEST_F(ReaderTest, ReadersDoNotDisturbEachOther) {
    const TopicName topic = make_topic("topic", 2);
    publish(messages(topic, 20));
    const auto one = reader(topic);
    const auto two = reader(topic);
    EXPECT_EQ(one->read(5).size(), 5U);
    EXPECT_EQ(two->left(), 20U);
    EXPECT_EQ(read_all(*two).size(), 20U);
    EXPECT_EQ(one->left(), 15U);
    EXPECT_EQ(read_all(*one).size(), 15U);
}

TEST_F(ReaderTest, OutlivesItsBroker) {
    const TopicName topic = make_topic();
    publish(messages(topic, 3));
    const auto all = store().connect()->reader({.topic = topic});
    EXPECT_EQ(texts(read_all(*all)), numbered("e", 3));
}

TEST_F(ReaderTest, SkipsWhatRetentionRemoved) {
    if (!backend().features.retention_by_bytes) GTEST_SKIP() << "there is no retention by size";
    const TopicName topic = make_topic("topic", 1, {std::nullopt, 20'000});
    publish(messages(topic, 100, std::string(100, 'e')));
    const auto slow = reader(topic);
    const Events first = slow->read(10);
    ASSERT_EQ(first.size(), 10U);
    publish(messages(topic, 1000, std::string(100, 'f')));
    const auto deadline = std::chrono::steady_clock::now() + patience;
    const auto begin = [&] { return admin().topic(topic)->partitions.at(0).begin; };
    while (begin() <= first.back().position.offset) {
        ASSERT_LT(std::chrono::steady_clock::now(), deadline) << "retention removes nothing";
        publish({topic, "later"});
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    const std::uint64_t left = slow->left();
    const Offset oldest = begin();
    const Events rest = read_all(*slow, 100);
    ASSERT_FALSE(rest.empty());
    EXPECT_EQ(rest.size(), left);
    EXPECT_EQ(rest.front().position.offset, oldest);
}

TEST_F(ReaderTest, ReadsABigTopicInSmallSteps) {
    const TopicName topic = make_topic("topic", 4);
    constexpr std::size_t count = 30'000;
    publish(messages(topic, count));
    const auto all = reader(topic);
    std::vector<bool> seen(count);
    std::size_t read = 0;
    for (Events some = all->read(17); !some.empty(); some = all->read(17)) {
        for (const ReceivedEvent& event : some) seen.at(std::stoul(text(event).substr(1))) = true;
        read += some.size();
        if (read > count) break;
    }
    EXPECT_EQ(read, count);
    EXPECT_EQ(std::ranges::count(seen, true), static_cast<std::ptrdiff_t>(count));
}

TEST_F(ReaderTest, FindsAPartitionsEventBehindManyOfOthers) {
    if (!backend().features.partitions) GTEST_SKIP() << "there is one partition";
    const TopicName topic = make_topic("topic", 2);
    const auto key_of = [&](Partition wanted) {
        for (int i = 0;; ++i) {
            const std::string key = "key " + std::to_string(i);
            if (publish({topic, "first", key}).partition == wanted) return key;
        }
    };
    const std::string busy = key_of(Partition{0});
    const std::string rare = key_of(Partition{1});
    publish(messages(topic, 30'000, "busy", busy));
    publish({topic, "rare", rare});
    const Events events = read_all(*reader(topic), 10'000);
    const auto last_busy =
        std::ranges::find(events.rbegin(), events.rend(), Partition{0},
                          [](const ReceivedEvent& event) { return event.position.partition; });
    const auto last_first = std::find_if(events.rbegin(), events.rend(), [](const ReceivedEvent& event) {
        return event.position.partition == Partition{1} && text(event) == "first";
    });
    ASSERT_NE(last_first, events.rend());
    const std::string ids = id_of(*last_busy, 2) + "," + id_of(*last_first, 2);
    EXPECT_EQ(all_from(topic, AfterId{ids}), (std::vector<std::string>{"rare"}));
}

TEST_F(ReaderTest, AChildReadsOnWhereItsParentWas) {
    if (!backend().features.survives_fork) GTEST_SKIP() << "a broker does not survive a fork";
    const TopicName topic = make_topic();
    publish(messages(topic, 10));
    const auto shared = reader(topic);
    EXPECT_EQ(shared->read(4).size(), 4U);
    Child child([&] { EXPECT_EQ(texts(read_all(*shared)), numbered("e", 6, 4)); });
    EXPECT_EQ(child.exit_code(), 0);
    EXPECT_EQ(texts(read_all(*shared)), numbered("e", 6, 4));
}

TEST_F(ReaderTest, ReadsWhileOthersPublish) {
    const TopicName topic = make_topic("topic", 3);
    constexpr std::size_t count = 2000;
    std::jthread sender([&] {
        for (std::size_t i = 0; i < count; i += 20) {
            std::vector<Message> batch;
            for (const std::string& payload : numbered("e", 20, i)) batch.push_back({topic, payload});
            publish(batch);
        }
    });
    const auto tail = reader(topic);
    std::vector<std::string> seen;
    const auto deadline = std::chrono::steady_clock::now() + patience;
    while (seen.size() < count && std::chrono::steady_clock::now() < deadline)
        for (const std::string& payload : texts(tail->read(50))) seen.push_back(payload);
    EXPECT_EQ(sorted(seen), sorted(numbered("e", count)));
}

}  // namespace

}  // namespace eventbus::conformance
