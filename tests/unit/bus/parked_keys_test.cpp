#include "eventbus/bus/parked_keys.hpp"

#include <chrono>
#include <thread>

#include "eventbus/bus/dead_letter_box.hpp"
#include "lettering.hpp"

namespace eventbus::bus_test {
namespace {

class ParkedKeysTest : public LetteringTest {
  protected:
    [[nodiscard]] bool must_wait(const std::string& key) {
        keys_.refresh();
        return keys_.must_wait(key);
    }
    [[nodiscard]] bool must_wait_again(const ReceivedEvent& redrive) {
        keys_.refresh();
        return keys_.must_wait_again(read_redriven(redrive).event, redrive.position);
    }

    ParkedKeys keys_{broker_, topic_, GroupName("tea")};
};

TEST_P(ParkedKeysTest, AKeyWaitsFromItsLetterUntilTheRedriveIsAcknowledged) {
    EXPECT_FALSE(must_wait("kitchen"));
    const auto letter = store_letter(event(1, "kitchen"));
    EXPECT_TRUE(must_wait("kitchen"));
    EXPECT_FALSE(must_wait("bath"));
    acknowledge_all();
    EXPECT_TRUE(must_wait("kitchen")) << "the letter is open all the same";
    redrive(letter);
    EXPECT_TRUE(must_wait("kitchen"));
    acknowledge_all();
    EXPECT_FALSE(must_wait("kitchen"));
    EXPECT_TRUE(keys_.empty());
}

TEST_P(ParkedKeysTest, NothingWaitsForWhatWasPurgedOrHasNoKey) {
    store_letter(event(1, std::nullopt));
    EXPECT_FALSE(must_wait(event(1, std::nullopt).metadata.id.to_string()));
    const auto first = store_letter(event(2, "kitchen"));
    const auto second = store_letter(event(3, "kitchen"));
    purge(first);
    EXPECT_TRUE(must_wait("kitchen"));
    purge(second);
    EXPECT_FALSE(must_wait("kitchen"));
}

TEST_P(ParkedKeysTest, SeveralHandlersOfOneEventAreSeveralLetters) {
    const auto mail = store_letter(event(1, "kitchen"), "mail");
    const auto print = store_letter(event(1, "kitchen"), "print");
    const auto first = redrive(mail);
    EXPECT_FALSE(must_wait_again(first)) << "the other letter is of the same event";
    acknowledge_all();
    EXPECT_TRUE(must_wait("kitchen"));
    redrive(print);
    acknowledge_all();
    EXPECT_FALSE(must_wait("kitchen"));
}

TEST_P(ParkedKeysTest, WhatIsSentOnWaitsOnlyForEarlierEventsOfItsKey) {
    const auto letter1 = store_letter(event(1, "kitchen"));
    const auto letter2 = store_letter(event(2, "kitchen"));
    store_letter(event(3, "kitchen"));
    store_letter(event(1, "bath"));
    const auto record1 = redrive(letter1);
    const auto record2 = redrive(letter2);
    EXPECT_FALSE(must_wait_again(record1));
    EXPECT_FALSE(must_wait_again(record2));
    // The first fails again before the second is handled.
    store_letter(event(1, "kitchen"));
    EXPECT_TRUE(must_wait_again(record2));
    EXPECT_FALSE(must_wait_again(record1));
}

TEST_P(ParkedKeysTest, WhatIsSentOnWaitsForAnEarlierEventThatIsSentOnAfterIt) {
    // The third event was parked while the first was on its way, and that failed again.
    const auto letter3 = store_letter(event(3, "kitchen"));
    const auto letter1 = store_letter(event(1, "kitchen"));
    const auto letter2 = store_letter(event(2, "kitchen"));
    const auto record3 = redrive(letter3);
    const auto record1 = redrive(letter1);
    const auto record2 = redrive(letter2);
    EXPECT_TRUE(must_wait_again(record3));
    EXPECT_FALSE(must_wait_again(record1));
    EXPECT_FALSE(must_wait_again(record2));
    acknowledge_all();
    EXPECT_FALSE(must_wait("kitchen"));
    EXPECT_TRUE(keys_.empty());
}

TEST_P(ParkedKeysTest, AConsumerThatStartsLaterKnowsTheSame) {
    const auto letter = store_letter(event(1, "kitchen"));
    const auto other = store_letter(event(2, "bath"));
    redrive(letter);
    acknowledge_all();
    redrive(other);
    store_letter(event(3, "hall"));
    EXPECT_FALSE(must_wait("kitchen"));
    EXPECT_TRUE(must_wait("bath"));
    EXPECT_TRUE(must_wait("hall"));
}

TEST_P(ParkedKeysTest, ASecondRedriveOfALetterHoldsNothing) {
    const auto letter = store_letter(event(1, "kitchen"));
    redrive(letter);
    acknowledge_all();
    redrive(letter);
    EXPECT_FALSE(must_wait("kitchen"));
}

TEST_P(ParkedKeysTest, ATopicThatIsGoneHoldsNothing) {
    store_letter(event(1, "kitchen"));
    EXPECT_TRUE(must_wait("kitchen"));
    make_topic_anew();
    store_letter(event(1, "bath"));
    EXPECT_FALSE(must_wait("kitchen"));
    EXPECT_TRUE(must_wait("bath"));
    broker_->admin()->delete_topic(topic_);
    // It is noticed within a second.
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (must_wait("bath") && std::chrono::steady_clock::now() < deadline)
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    EXPECT_FALSE(must_wait("bath"));
}

TEST_P(ParkedKeysTest, LettersOfAKeyAreSentOnInTheOrderOfTheirEvents) {
    for (const std::uint64_t offset : {4U, 2U, 3U, 1U}) store_letter(event(offset, "kitchen"));
    DeadLetterBox box(broker_, TopicName("kettles"), GroupName("tea"));
    EXPECT_EQ(box.redrive({}).letters, 4U);
    std::vector<std::uint64_t> sent_on;
    for (const ReceivedEvent& record : stored_in(*broker_, topic_.str())) {
        if (read_record_info(record).kind != DeadLetterRecord::redrive) continue;
        const Redriven redriven = read_redriven(record);
        sent_on.push_back(redriven.event.position.offset.number);
        EXPECT_FALSE(must_wait_again(record));
    }
    EXPECT_EQ(sent_on, (std::vector<std::uint64_t>{1, 2, 3, 4}));
}

INSTANTIATE_TEST_SUITE_P(Backends, ParkedKeysTest, ::testing::Values("memory", "embedded"),
                         [](const auto& backend) { return backend.param; });

}  // namespace
}  // namespace eventbus::bus_test
