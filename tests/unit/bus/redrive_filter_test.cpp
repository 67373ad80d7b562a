#include "eventbus/bus/redrive_filter.hpp"

#include "lettering.hpp"

namespace eventbus::bus_test {
namespace {

using ::testing::HasSubstr;

class RedriveFilterTest : public LetteringTest {};

TEST_P(RedriveFilterTest, OnlyTheFirstRedriveOfALetterCounts) {
    const auto letter = store_letter(event(1, "kitchen"));
    const auto other = store_letter(event(2, "kitchen"));
    const auto first = redrive(letter);
    const auto second = redrive(letter);
    const auto of_other = redrive(other);
    RedriveFilter filter(broker_, topic_);
    EXPECT_TRUE(filter.counts(first));
    EXPECT_FALSE(filter.counts(second));
    EXPECT_TRUE(filter.counts(of_other));
    EXPECT_FALSE(filter.counts(redrive(other)));
}

TEST_P(RedriveFilterTest, OneThatIsHandedOutAgainCountsAgain) {
    const auto letter = store_letter(event(1, "kitchen"));
    const auto first = redrive(letter);
    const auto second = redrive(letter);
    RedriveFilter filter(broker_, topic_);
    for (int i = 0; i < 2; ++i) {
        EXPECT_TRUE(filter.counts(first));
        EXPECT_FALSE(filter.counts(second));
    }
    EXPECT_FALSE(RedriveFilter(broker_, topic_).counts(second)) << "a consumer that starts there";
}

TEST_P(RedriveFilterTest, ALetterThatWasPurgedIsNotSentOn) {
    const auto letter = store_letter(event(1, std::nullopt));
    purge(letter);
    EXPECT_FALSE(RedriveFilter(broker_, topic_).counts(redrive(letter)));
}

TEST_P(RedriveFilterTest, APurgeThatCameLaterChangesNothing) {
    const auto letter = store_letter(event(1, "kitchen"));
    const auto record = redrive(letter);
    purge(letter);
    EXPECT_TRUE(RedriveFilter(broker_, topic_).counts(record));
}

TEST_P(RedriveFilterTest, WhatWasRemovedIsRatherHandledTwiceThanNever) {
    const auto letter = store_letter(event(1, "kitchen"));
    const auto record = redrive(letter);
    broker_->admin()->delete_events_before(topic_, Partition{0}, {record.position.offset.number, 0});
    EXPECT_TRUE(RedriveFilter(broker_, topic_).counts(record));
    make_topic_anew();
    EXPECT_TRUE(RedriveFilter(broker_, topic_).counts(record));
}

TEST_P(RedriveFilterTest, ATopicThatIsMadeAnewIsAnotherOne) {
    const auto letter = store_letter(event(1, "kitchen"));
    store_letter(event(2, "kitchen"));
    RedriveFilter filter(broker_, topic_);
    EXPECT_TRUE(filter.counts(redrive(letter)));
    make_topic_anew();
    const auto again = store_letter(event(1, "kitchen"));
    const auto record = redrive(again);
    EXPECT_TRUE(filter.counts(record));
    EXPECT_FALSE(filter.counts(redrive(again)));
}

TEST_P(RedriveFilterTest, RecordsOfOthersAreRefusedOrPassedOver) {
    ReceivedEvent foreign = store_letter(event(1, "kitchen"));
    foreign.headers.clear();
    RedriveFilter filter(broker_, topic_);
    EXPECT_THAT(message_of<DecodeError>([&] { static_cast<void>(filter.counts(foreign)); }),
                HasSubstr("eventbus-dead-letter"));
}

INSTANTIATE_TEST_SUITE_P(Backends, RedriveFilterTest, ::testing::Values("memory", "embedded"),
                         [](const auto& backend) { return backend.param; });

}  // namespace
}  // namespace eventbus::bus_test
