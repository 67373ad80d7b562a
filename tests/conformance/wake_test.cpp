#include <unistd.h>

#include <csignal>
#include <ctime>
#include <thread>

#include "child.hpp"
#include "fixture.hpp"

namespace eventbus::conformance {

namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

/// Processor time that this process has used.
std::chrono::nanoseconds processor_time() {
    timespec time{};
    ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

Subscription* woken_by_signal = nullptr;

extern "C" void wake_it(int) { woken_by_signal->wake(); }

class WakeTest : public Conformance {
  protected:
    /// Polls for as long as patience allows while `act` runs in another thread a moment later. Fails the test
    /// when the poll did not return because of it.
    Events poll_while(Subscription& member, const std::function<void()>& act) {
        std::jthread other([&] {
            std::this_thread::sleep_for(glance);
            act();
        });
        const auto begin = Clock::now();
        Events events = member.poll(1000, patience);
        EXPECT_LT(Clock::now() - begin, patience) << "the poll was not woken";
        return events;
    }
};

TEST_F(WakeTest, AWaitingPollGetsWhatIsPublished) {
    const TopicName topic = make_topic("topic", 4);
    const Member member = subscribe(topic);
    EXPECT_TRUE(glimpse(*member).empty());
    static_cast<void>(publisher());
    for (int i = 0; i < 3; ++i) EXPECT_EQ(poll_while(*member, [&] { publish({topic, "event"}); }).size(), 1U);
}

TEST_F(WakeTest, AWaitingPollGetsWhatAnotherProcessPublishes) {
    if (!backend().features.processes) GTEST_SKIP() << "other processes cannot reach it";
    const TopicName topic = make_topic("topic", 4);
    const Baton go;
    Child sender([&] {
        const auto connection = store().connect();
        const auto writer = connection->publisher();
        while (go.wait()) {
            const Message message{topic, "from afar"};
            const OutgoingEvent event = message.view();
            EXPECT_EQ(writer->publish(std::span(&event, 1)).at(0).failure, nullptr);
        }
    });
    const Member member = subscribe(topic);
    EXPECT_TRUE(glimpse(*member).empty());
    for (int i = 0; i < 3; ++i)
        EXPECT_EQ(texts(poll_while(*member, [&] { go.pass(); })), (std::vector<std::string>{"from afar"}));
}

TEST_F(WakeTest, AWaitingPollGetsTheFirstEventOfANewTopic) {
    const TopicName topic("later");
    const Member member = subscribe(topic);
    EXPECT_TRUE(glimpse(*member).empty());
    EXPECT_EQ(poll_while(*member, [&] { publish({topic, "event"}); }).size(), 1U);
}

TEST_F(WakeTest, AWaitingPollGetsWhatAnotherGivesUp) {
    const TopicName topic = make_topic("topic", 1);
    publish({topic, "event"});
    Member first = subscribe(topic);
    EXPECT_EQ(receive(*first, 1).size(), 1U);
    const Member second = subscribe(topic);
    EXPECT_TRUE(glimpse(*second).empty());
    EXPECT_EQ(poll_while(*second, [&] { first.reset(); }).size(), 1U);
}

TEST_F(WakeTest, AWaitingPollGoesOnWhereTheGroupIsMoved) {
    const TopicName topic = make_topic();
    publish({topic, "event"});
    const Member member = subscribe(topic);
    acknowledge(*member, receive(*member, 1));
    static_cast<void>(admin());
    EXPECT_EQ(poll_while(*member, [&] { admin().move_group(topic, GroupName("group"), Earliest{}); }).size(),
              1U);
}

TEST_F(WakeTest, WakeEndsAPollThatWaits) {
    const TopicName topic = make_topic();
    const Member member = subscribe(topic);
    EXPECT_TRUE(glimpse(*member).empty());
    EXPECT_TRUE(poll_while(*member, [&] { member->wake(); }).empty());
}

TEST_F(WakeTest, WakeEndsTheNextPoll) {
    const TopicName topic = make_topic();
    const Member member = subscribe(topic);
    EXPECT_TRUE(glimpse(*member).empty());
    member->wake();
    member->wake();
    const auto begin = Clock::now();
    EXPECT_TRUE(member->poll(1, patience).empty());
    EXPECT_LT(Clock::now() - begin, patience);
    const auto again = Clock::now();
    EXPECT_TRUE(member->poll(1, glance).empty());
    EXPECT_GE(Clock::now() - again, glance) << "one wake ended two polls";
}

TEST_F(WakeTest, ASignalHandlerMayWake) {
    const TopicName topic = make_topic();
    const Member member = subscribe(topic);
    EXPECT_TRUE(glimpse(*member).empty());
    woken_by_signal = member.get();
    struct sigaction wake {};
    struct sigaction before {};
    wake.sa_handler = wake_it;
    ::sigaction(SIGUSR1, &wake, &before);
    EXPECT_TRUE(poll_while(*member, [] { ::kill(::getpid(), SIGUSR1); }).empty());
    ::sigaction(SIGUSR1, &before, nullptr);
}

TEST_F(WakeTest, APollWithoutTimeReturnsAtOnce) {
    const TopicName topic = make_topic();
    const Member member = subscribe(topic);
    EXPECT_TRUE(glimpse(*member).empty());
    EXPECT_TRUE(member->poll(10, milliseconds(0)).empty());
    EXPECT_TRUE(member->poll(10, milliseconds(-5)).empty());
    publish({topic, "event"});
    const milliseconds limit = backend().features.polls_the_store ? milliseconds(0) : patience;
    EXPECT_EQ(member->poll(10, limit).size(), 1U);
}

TEST_F(WakeTest, APollMayWaitForEver) {
    const TopicName topic = make_topic();
    const Member member = subscribe(topic);
    const auto begin = Clock::now();
    std::jthread other([&] {
        std::this_thread::sleep_for(glance);
        member->wake();
    });
    EXPECT_TRUE(member->poll(1, milliseconds::max()).empty());
    EXPECT_GE(Clock::now() - begin, glance);
}

TEST_F(WakeTest, WaitingCostsNoProcessorTime) {
    const TopicName topic = make_topic("topic", 4);
    const Member member = subscribe(topic);
    EXPECT_TRUE(glimpse(*member).empty());
    constexpr milliseconds span{2000};
    const auto before = processor_time();
    const auto begin = Clock::now();
    EXPECT_TRUE(member->poll(1, span).empty());
    EXPECT_GE(Clock::now() - begin, span) << "the poll returned early";
    EXPECT_LT(processor_time() - before, span / 20) << "it polls busily";
}

TEST_F(WakeTest, WaitingAtThePrefetchLimitCostsNoProcessorTime) {
    const TopicName topic = make_topic();
    publish(messages(topic, 5));
    SubscribeOptions chosen = options(topic);
    chosen.prefetch = 2;
    const Member member = subscribe(chosen);
    EXPECT_EQ(receive(*member, 2).size(), 2U);
    constexpr milliseconds span{1000};
    const auto before = processor_time();
    const auto begin = Clock::now();
    while (Clock::now() - begin < span) EXPECT_TRUE(member->poll(10, span).empty());
    EXPECT_LT(processor_time() - before, span / 20) << "it polls busily";
}

TEST_F(WakeTest, AnAcknowledgementEndsAWaitAtThePrefetchLimit) {
    const TopicName topic = make_topic();
    publish(messages(topic, 5));
    SubscribeOptions chosen = options(topic);
    chosen.prefetch = 2;
    const Member member = subscribe(chosen);
    const Events held = receive(*member, 2);
    ASSERT_EQ(held.size(), 2U);
    EXPECT_EQ(texts(poll_while(*member, [&] { acknowledge(*member, held[0]); })),
              (std::vector<std::string>{"e2"}));
}

}  // namespace

}  // namespace eventbus::conformance
