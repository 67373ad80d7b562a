#include <algorithm>
#include <map>
#include <set>
#include <thread>

#include "eventbus/bus/bus.hpp"
#include "eventbus/bus/consumer.hpp"
#include "eventbus/bus/dead_letter_box.hpp"
#include "eventbus/bus/dead_letter_policy.hpp"
#include "eventbus/bus/dead_letter_topic.hpp"
#include "fixture.hpp"

namespace eventbus::conformance {

namespace {

/// Events of a topic that a group gives up, and what is done about them.
class DeadLettersTest : public Conformance {
  protected:
    void SetUp() override { make_topic("topic"); }

    [[nodiscard]] Bus make_bus() {
        BusOptions options;
        options.settings =
            Settings().with({{"EVENT_BUS_PRODUCER", "tested"}, {"EVENT_BUS_CONSUMER", "tested"}});
        options.backends.add(
            "tested", [broker = store().connect()](const Settings&, const LogSink&) { return broker; });
        return Bus(std::move(options));
    }

    [[nodiscard]] DeadLetterBox box(const std::string& group = "group") {
        return {store().connect(), topic_, GroupName(group)};
    }

    [[nodiscard]] static Failure failure(const std::string& handler = "mail") {
        return {FailureReason::failed, handler, "No route to host", 5, now(), now()};
    }

    /// Publishes the messages, and gives each up.
    Events give_up(const std::vector<Message>& batch, const std::vector<Failure>& failures = {failure()}) {
        publish(batch);
        const Member member = subscribe(topic_);
        Bus bus = make_bus();
        DeadLetters letters;
        Events events;
        while (events.size() < batch.size()) {
            Events some = receive(*member, std::min<std::size_t>(500, batch.size() - events.size()));
            if (some.empty()) throw std::runtime_error("the events do not come");
            for (const ReceivedEvent& event : some) letters.settle(bus, {event, failures, "group"});
            acknowledge(*member, some);
            std::ranges::move(some, std::back_inserter(events));
        }
        return events;
    }

    [[nodiscard]] std::vector<OpenLetter> open(const LetterFilter& filter = {}) {
        std::vector<OpenLetter> letters;
        const auto seen = box().for_each(filter, [&](OpenLetter letter) {
            letters.push_back(std::move(letter));
            return true;
        });
        EXPECT_EQ(seen.letters, letters.size());
        EXPECT_EQ(seen.unreadable, 0U) << seen.problem;
        return letters;
    }

    [[nodiscard]] std::vector<std::string> open_texts(const LetterFilter& filter = {}) {
        std::vector<std::string> all;
        for (const OpenLetter& letter : open(filter)) all.push_back(text(letter.letter.event));
        return all;
    }

    /// All records of the dead-letter topic.
    [[nodiscard]] Events records() {
        const auto reader = broker().reader({.topic = letters_, .from = Earliest{}, .to = {}});
        Events all;
        for (Events some = reader->read(1'000); !some.empty(); some = reader->read(1'000))
            std::ranges::move(some, std::back_inserter(all));
        return all;
    }

    /// The texts of the events that were sent on, in order.
    [[nodiscard]] std::vector<std::string> sent_on() {
        std::vector<std::string> all;
        for (const ReceivedEvent& record : records())
            if (read_record_info(record).kind == DeadLetterRecord::redrive) all.push_back(text(record));
        return all;
    }

    /// As a consumer does: the group acknowledges what the dead-letter topic has.
    void acknowledge_records() {
        const Member member = subscribe(letters_);
        while (group_lag(letters_) != 0) acknowledge(*member, member->poll(500, patience));
    }

    using Handle = std::function<void(const std::string& text)>;

    /// A consumer of the group handles what is there, once each, until nothing comes.
    ConsumeResult consume(const Handle& handle, const std::string& group = "group",
                          bool keeps_order = false) {
        Bus bus = make_bus();
        bus.connect_all("mail", [&](const RawEvent& event) { handle(text(*event.received)); });
        ConsumeOptions options;
        options.topics = {topic_.str()};
        options.group = group;
        options.until_idle = std::chrono::milliseconds{300};
        options.retry = RetryPolicy{.most_tries = 1};
        options.keep_key_order = keeps_order;
        return Consumer(bus, options).run();
    }

    /// The texts that a consumer of the group was given.
    std::vector<std::string> handled(const std::string& group = "group") {
        std::vector<std::string> all;
        consume([&](const std::string& event) { all.push_back(event); }, group);
        return all;
    }

    const TopicName topic_{"topic"};
    const TopicName letters_ = dead_letter_topic(topic_, GroupName("group"));
};

TEST_F(DeadLettersTest, ALetterIsTheEventAsItCameAndWhatHappened) {
    Message message{topic_, std::string("a\0b\xff", 4), "key"};
    message.headers = {{"traceparent", "00-1"}, {"eventbus-reason", "its own"}};
    const Events events = give_up({message});
    ASSERT_EQ(events.size(), 1U);
    const auto letters = open();
    ASSERT_EQ(letters.size(), 1U);
    const DeadLetter& letter = letters.front().letter;
    EXPECT_EQ(letter.event.payload, events.front().payload);
    EXPECT_EQ(letter.event.metadata, events.front().metadata);
    EXPECT_EQ(letter.event.key, "key");
    EXPECT_EQ(letter.event.headers, message.headers);
    expect_schema(letter.event, message.schema);
    EXPECT_EQ(letter.event.topic, topic_);
    EXPECT_EQ(letter.event.position, events.front().position);
    EXPECT_EQ(letter.event.position_text, events.front().position_text);
    EXPECT_EQ(letter.event.stored_at, events.front().stored_at);
    EXPECT_EQ(letter.group, "group");
    EXPECT_EQ(letter.failure.error, "No route to host");
    EXPECT_EQ(letter.failure.tries, 5U);
}

TEST_F(DeadLettersTest, TheLargestEventCanBeALetter) {
    const std::size_t largest = backend().features.largest_event;
    if (largest == 0) GTEST_SKIP() << "there is no limit but memory";
    Message message{topic_, "", "key"};
    message.payload.assign(largest - message.schema.size() - message.key->size(), 'x');
    give_up({message});
    const auto letters = open();
    ASSERT_EQ(letters.size(), 1U);
    EXPECT_TRUE(text(letters.front().letter.event) == message.payload) << "other bytes";
}

TEST_F(DeadLettersTest, KeepsWhatIsHardToKeep) {
    Message bad{topic_, ""};
    bad.metadata = {};
    bad.schema.clear();
    publish(bad);
    Events events = receive(*subscribe(topic_), 1);
    ASSERT_EQ(events.size(), 1U);
    events.front().unusable = "it says nothing";
    Bus bus = make_bus();
    DeadLetters().settle(bus, {events.front(), std::vector{failure("")}, "group"});
    const auto letters = open();
    ASSERT_EQ(letters.size(), 1U);
    EXPECT_EQ(letters.front().letter.event.metadata, bad.metadata);
    EXPECT_EQ(letters.front().letter.event.unusable, "it says nothing");
    EXPECT_EQ(letters.front().letter.event.key, std::nullopt);
    EXPECT_EQ(letters.front().letter.event.writer_schema, nullptr);
    EXPECT_EQ(letters.front().letter.failure.handler, "");
}

TEST_F(DeadLettersTest, TheTopicIsMadeOnceAndKeepsForEver) {
    give_up(messages(topic_, 2), {failure("mail"), failure("print")});
    const auto info = admin().topic(letters_);
    ASSERT_TRUE(info);
    EXPECT_FALSE(info->retention.age);
    EXPECT_FALSE(info->retention.bytes);
    EXPECT_EQ(open().size(), 4U);
}

TEST_F(DeadLettersTest, FiltersChooseAndOrderStays) {
    std::vector<Message> batch = messages(topic_, 6, "e", "one");
    batch[4].key = "other";
    batch[5].metadata.event_type = "org.example.other.v1";
    give_up(batch);
    EXPECT_EQ(open_texts(), numbered("e", 6));
    EXPECT_EQ(open_texts({.key = "other"}), numbered("e", 1, 4));
    EXPECT_EQ(open_texts({.type = "org.example.other.v1"}), numbered("e", 1, 5));
    EXPECT_EQ(open_texts({.error = "ROUTE"}).size(), 6U);
    EXPECT_EQ(open_texts({.error = "root"}).size(), 0U);
    EXPECT_EQ(open_texts({.handler = "mail"}).size(), 6U);
    EXPECT_EQ(open_texts({.handler = "print"}).size(), 0U);
    EXPECT_EQ(open_texts({.reason = FailureReason::parked}).size(), 0U);
    const auto letters = open();
    const Timestamp third = letters[2].letter.failure.last_try;
    for (const OpenLetter& letter : open({.since = third})) EXPECT_GE(letter.letter.failure.last_try, third);
    EXPECT_EQ(open({.since = third}).size() + open({.until = third}).size(), 6U);
    EXPECT_EQ(open_texts({.letters = {parse_letter_id(letters[1].id), parse_letter_id(letters[3].id)}}),
              (std::vector<std::string>{"e1", "e3"}));
}

TEST_F(DeadLettersTest, ARedriveSendsEachOnceInOrder) {
    give_up(messages(topic_, 700, "e", "key"));
    std::vector<std::uint64_t> told;
    const auto first = box().redrive(
        {.until = now() + std::chrono::hours{1}},
        {.stop = {}, .progress = [&](const DeadLetterProgress& at) { told.push_back(at.letters); }});
    EXPECT_EQ(first.letters, 700U);
    EXPECT_FALSE(first.stopped);
    EXPECT_TRUE(std::ranges::is_sorted(told));
    ASSERT_FALSE(told.empty());
    EXPECT_EQ(told.back(), 700U);
    EXPECT_EQ(sent_on(), numbered("e", 700));
    EXPECT_EQ(open().size(), 0U);
    EXPECT_EQ(box().redrive({}).letters, 0U);
}

TEST_F(DeadLettersTest, AnInterruptedRedriveLeavesEachSentOrOpen) {
    give_up(messages(topic_, 800, "e", "key"));
    std::stop_source stop;
    const auto first = box().redrive(
        {}, {.stop = stop.get_token(), .progress = [&](const DeadLetterProgress&) { stop.request_stop(); }});
    EXPECT_TRUE(first.stopped);
    EXPECT_GT(first.letters, 0U);
    EXPECT_LT(first.letters, 800U);
    EXPECT_EQ(sent_on(), numbered("e", first.letters));
    EXPECT_EQ(open_texts(), numbered("e", 800 - first.letters, first.letters));
    EXPECT_EQ(box().redrive({}).letters, 800 - first.letters);
    EXPECT_EQ(sent_on(), numbered("e", 800));
}

TEST_F(DeadLettersTest, TwoRedrivesAtOnceLeaveNothingOpen) {
    give_up(messages(topic_, 800, "e", "key"));
    {
        const std::jthread other([&] { EXPECT_LE(box().redrive({}).letters, 800U); });
        EXPECT_LE(box().redrive({}).letters, 800U);
    }
    EXPECT_EQ(open().size(), 0U);
    const auto texts = sent_on();
    EXPECT_EQ(std::set(texts.begin(), texts.end()).size(), 800U);
}

TEST_F(DeadLettersTest, WhatIsPurgedIsGone) {
    give_up(messages(topic_, 10, "secret", "key"));
    EXPECT_EQ(box().purge({.letters = {parse_letter_id(open().back().id)}}).letters, 1U);
    EXPECT_EQ(open_texts(), numbered("secret", 9));
    EXPECT_EQ(box().purge({}).letters, 9U);
    EXPECT_EQ(open().size(), 0U);
    for (const ReceivedEvent& record : records()) EXPECT_EQ(text(record), "");
    EXPECT_EQ(sent_on().size(), 0U);
    give_up(messages(topic_, 1, "new"));
    EXPECT_EQ(open_texts(), numbered("new", 1));
}

TEST_F(DeadLettersTest, WhatIsSentOnStaysUntilTheGroupIsPastIt) {
    give_up(messages(topic_, 4, "e", "key"));
    box().redrive({.letters = {parse_letter_id(open().front().id)}});
    EXPECT_EQ(records().size(), 5U);
    acknowledge_records();
    EXPECT_EQ(box().purge({.key = "none"}).letters, 0U);
    EXPECT_EQ(open_texts(), numbered("e", 3, 1));
    EXPECT_EQ(records().size(), 4U) << "the letter that was handled is gone, the open ones hold the rest";
    box().redrive({});
    acknowledge_records();
    EXPECT_EQ(box().redrive({}).letters, 0U);
    EXPECT_EQ(records().size(), 0U);
}

TEST_F(DeadLettersTest, RecordsOfOthersAreToldAndLeftAlone) {
    give_up(messages(topic_, 1));
    publish({letters_, "foreign", "key"});
    give_up(messages(topic_, 1));
    const auto seen = box().count({});
    EXPECT_EQ(seen.letters, 2U);
    EXPECT_EQ(seen.unreadable, 1U);
    EXPECT_NE(seen.problem.find(letters_.str()), std::string::npos) << seen.problem;
    EXPECT_EQ(box().purge({}).letters, 2U);
    EXPECT_EQ(texts(records()).front(), "foreign");
}

TEST_F(DeadLettersTest, LettersOutliveTheConnection) {
    if (!backend().features.durable) GTEST_SKIP() << "the backend keeps nothing";
    give_up(messages(topic_, 3));
    reconnect();
    EXPECT_EQ(open_texts(), numbered("e", 3));
}

TEST_F(DeadLettersTest, AConsumerKeepsWhatItCannotHandleAndHandlesWhatIsSentOn) {
    publish(messages(topic_, 5, "e", "key"));
    const auto fail_two = [](const std::string& event) {
        if (event == "e1") throw Reject("never");
        if (event == "e3") throw std::runtime_error("not now");
    };
    EXPECT_EQ(consume(fail_two).failed, 2U);
    EXPECT_EQ(group_lag(topic_), 0U);
    EXPECT_EQ(open_texts({.reason = FailureReason::rejected}), numbered("e", 1, 1));
    EXPECT_EQ(open_texts({.error = "not now"}), numbered("e", 1, 3));
    EXPECT_EQ(handled("other").size(), 5U);
    EXPECT_TRUE(handled().empty()) << "letters are not handled";
    EXPECT_EQ(box().redrive({}).letters, 2U);
    EXPECT_EQ(handled(), (std::vector<std::string>{"e1", "e3"}));
    EXPECT_TRUE(handled().empty());
    EXPECT_TRUE(handled("other").empty()) << "another group never sees them again";
    EXPECT_EQ(open().size(), 0U);
}

TEST_F(DeadLettersTest, WhatFailsAgainIsALetterOfTheSamePlace) {
    publish(messages(topic_, 1));
    const auto fail = [](const std::string&) { throw std::runtime_error("no"); };
    consume(fail);
    const auto before = open();
    box().redrive({});
    EXPECT_EQ(consume(fail).failed, 1U);
    const auto after = open();
    ASSERT_EQ(after.size(), 1U);
    EXPECT_NE(after.front().id, before.front().id);
    EXPECT_EQ(after.front().letter.event.position_text, before.front().letter.event.position_text);
    EXPECT_EQ(after.front().letter.event.headers, before.front().letter.event.headers);
}

TEST_F(DeadLettersTest, OfTwoRedrivesAtOnceOneIsHandled) {
    give_up(messages(topic_, 20, "e", "key"));
    // What two commands write that found the same letters open.
    for (int i = 0; i < 2; ++i) {
        const auto reader = broker().reader({.topic = letters_, .from = Earliest{}, .to = {}});
        for (const ReceivedEvent& letter : reader->read(20)) {
            const auto record = OutgoingDeadLetter::redrive(letter);
            const OutgoingEvent event = record.view();
            EXPECT_EQ(publisher().publish({&event, 1}).front().failure, nullptr);
        }
    }
    EXPECT_EQ(sent_on().size(), 40U);
    EXPECT_EQ(handled(), numbered("e", 20));
    EXPECT_EQ(group_lag(letters_), 0U);
}

TEST_F(DeadLettersTest, AKeyKeepsItsOrderThroughTheLetters) {
    std::vector<std::string> done;
    bool is_broken = true;
    const auto handle = [&](const std::string& event) {
        if (is_broken && event == "a0") throw std::runtime_error("broken");
        done.push_back(event);
    };
    publish(messages(topic_, 3, "a", "a"));
    publish(messages(topic_, 2, "b", "b"));
    consume(handle, "group", true);
    EXPECT_EQ(sorted(std::exchange(done, {})), numbered("b", 2));
    EXPECT_EQ(open_texts({.reason = FailureReason::parked}), numbered("a", 2, 1));
    // The first fails again: none of the others may overtake it.
    box().redrive({});
    consume(handle, "group", true);
    EXPECT_TRUE(done.empty());
    EXPECT_EQ(open_texts(), numbered("a", 3));
    is_broken = false;
    box().redrive({});
    consume(handle, "group", true);
    EXPECT_EQ(done, numbered("a", 3));
    publish(messages(topic_, 1, "later", "a"));
    consume(handle, "group", true);
    EXPECT_EQ(done.back(), "later0");
    EXPECT_EQ(open().size(), 0U);
}

TEST_F(DeadLettersTest, AnEventThatCannotBeUsedIsALetterToo) {
    Message message{topic_, "text"};
    message.metadata.event_type = "org.example.unknown.v1";
    publish(message);
    EXPECT_EQ(consume([](const std::string&) {}).unusable, 1U);
    const auto letters = open();
    ASSERT_EQ(letters.size(), 1U);
    EXPECT_EQ(letters.front().letter.failure.reason, FailureReason::unusable);
    EXPECT_NE(letters.front().letter.failure.error.find("org.example.unknown.v1"), std::string::npos);
}

TEST_F(DeadLettersTest, AGroupThatGaveNothingUpHasNone) {
    EXPECT_EQ(open().size(), 0U);
    EXPECT_EQ(box().redrive({}).letters, 0U);
    EXPECT_EQ(box().purge({}).letters, 0U);
    EXPECT_FALSE(admin().topic(letters_)) << "looking makes nothing";
    EXPECT_TRUE(dead_letter_groups(broker()).empty());
}

TEST_F(DeadLettersTest, AllGroupsCanBeListed) {
    const Events events = give_up(messages(topic_, 2));
    Bus bus = make_bus();
    for (const char* group : {"tea time", "other", "tea time"})
        DeadLetters().settle(bus, {events.front(), std::vector{failure()}, group});
    box().purge({});
    std::map<std::string, std::uint64_t> open_by_group;
    for (const DeadLetterGroup& group : dead_letter_groups(broker())) {
        EXPECT_EQ(group.topic, topic_);
        EXPECT_EQ(group.dead_letter_topic, dead_letter_topic(topic_, group.group));
        open_by_group.emplace(group.group.str(), group.open);
    }
    EXPECT_EQ(open_by_group, (std::map<std::string, std::uint64_t>{{"other", 1}, {"tea time", 2}}));
}

}  // namespace

}  // namespace eventbus::conformance
