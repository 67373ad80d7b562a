#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <functional>
#include <map>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <utility>

#include "consuming.hpp"
#include "eventbus/bus/failure_policy.hpp"
#include "eventbus/bus/testing.hpp"
#include "fixture.hpp"

namespace eventbus::bus_test {
namespace {

using kettle::KETTLE_BOILED;
using kettle::KettleBoiled;
using std::chrono::milliseconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// Keeps what was given up.
class KeepFailures : public FailurePolicy {
  public:
    struct Kept {
        std::int64_t degrees;
        std::vector<Failure> failures;
    };
    void settle(Bus& /*bus*/, const FailedEvent& failed) override {
        const std::lock_guard lock(mutex_);
        kept_.push_back({KETTLE_BOILED.decode(failed.event.payload).kettle.degrees,
                         {failed.failures.begin(), failed.failures.end()}});
    }
    [[nodiscard]] std::vector<Kept> kept() const {
        const std::lock_guard lock(mutex_);
        return kept_;
    }

  private:
    mutable std::mutex mutex_;
    std::vector<Kept> kept_;
};

/// Everything here holds with one worker and with several.
class RetryTest : public BusTest, public ::testing::WithParamInterface<std::size_t> {
  protected:
    void send(int events, const std::string& room = "kitchen", int first = 0) const {
        Bus sender(kettle_options());
        for (int i = first; i < first + events; ++i) sender.send(KETTLE_BOILED, boiled(room, i));
    }
    [[nodiscard]] ConsumeOptions quick(std::uint32_t tries = 3) const {
        ConsumeOptions options = until_idle();
        options.workers = GetParam();
        options.retry = RetryPolicy{tries, milliseconds{2}, milliseconds{4}};
        options.failures = failures_;
        return options;
    }
    /// Notes the degrees that a handler was called with, in order.
    std::function<void(const KettleBoiled&)> note(const std::string& handler) {
        return [this, handler](const KettleBoiled& data) {
            const std::lock_guard lock(mutex_);
            calls_[handler].push_back(data.kettle.degrees);
        };
    }
    std::vector<std::int64_t> calls(const std::string& handler) {
        const std::lock_guard lock(mutex_);
        return calls_[handler];
    }

    std::shared_ptr<KeepFailures> failures_ = std::make_shared<KeepFailures>();

  private:
    std::mutex mutex_;
    std::map<std::string, std::vector<std::int64_t>> calls_;
};

INSTANTIATE_TEST_SUITE_P(Workers, RetryTest, ::testing::Values(1, 4),
                         [](const auto& param) { return "With" + std::to_string(param.param); });

TEST_P(RetryTest, AHandlerThatFailedIsTriedAgainAndTheOthersAreNot) {
    send(2);
    Bus bus(kettle_options());
    std::atomic<int> failures = 2;
    bus.connect(KETTLE_BOILED, "steady", note("steady"));
    bus.connect(KETTLE_BOILED, "shaky", [&, call = note("shaky")](const KettleBoiled& data) {
        call(data);
        if (data.kettle.degrees == 0 && failures-- > 0) throw std::runtime_error("not yet");
    });
    bus.connect_all(
        "all", [call = note("all")](const RawEvent& event) { call(KETTLE_BOILED.decode(event.payload)); });
    const ConsumeResult result = Consumer(bus, quick()).run();
    EXPECT_EQ(result.handled, 2U);
    EXPECT_EQ(result.failed, 0U);
    EXPECT_THAT(calls("steady"), ElementsAre(0, 1));
    EXPECT_THAT(calls("shaky"), ElementsAre(0, 0, 0, 1));
    EXPECT_THAT(calls("all"), ElementsAre(0, 1));
    EXPECT_THAT(failures_->kept(), IsEmpty());
    EXPECT_EQ(lag("kettles", "tea"), 0U);
    EXPECT_THAT(log_.lines(), ElementsAre(HasSubstr("(try 1 of 3)"), HasSubstr("(try 2 of 3)")));
}

TEST_P(RetryTest, AfterTheLastTryTheHandlerGivesUp) {
    send(3);
    Bus bus(kettle_options());
    bus.connect(KETTLE_BOILED, "picky", [&, call = note("picky")](const KettleBoiled& data) {
        call(data);
        if (data.kettle.degrees == 1) throw std::runtime_error("too cold");
    });
    const Timestamp before = now();
    const ConsumeResult result = Consumer(bus, quick()).run();
    EXPECT_EQ(result.handled, 2U);
    EXPECT_EQ(result.failed, 1U);
    EXPECT_THAT(calls("picky"), ElementsAre(0, 1, 1, 1, 2));
    const auto kept = failures_->kept();
    ASSERT_EQ(kept.size(), 1U);
    EXPECT_EQ(kept[0].degrees, 1);
    ASSERT_EQ(kept[0].failures.size(), 1U);
    const Failure& failure = kept[0].failures[0];
    EXPECT_EQ(failure.reason, FailureReason::failed);
    EXPECT_EQ(failure.handler, "picky");
    EXPECT_EQ(failure.error, "too cold");
    EXPECT_EQ(failure.tries, 3U);
    EXPECT_LE(before, failure.first_try);
    EXPECT_LT(failure.first_try, failure.last_try);
    EXPECT_LE(failure.last_try, now());
    EXPECT_EQ(lag("kettles", "tea"), 0U);
}

TEST_P(RetryTest, RejectIsNotTriedAgain) {
    send(1);
    Bus bus(kettle_options());
    bus.connect(KETTLE_BOILED, "strict", [&, call = note("strict")](const KettleBoiled& data) {
        call(data);
        throw Reject("never");
    });
    bus.connect(KETTLE_BOILED, "weak", [](const KettleBoiled&) { throw std::runtime_error("no"); });
    EXPECT_EQ(Consumer(bus, quick()).run().failed, 1U);
    EXPECT_THAT(calls("strict"), ElementsAre(0));
    const auto kept = failures_->kept();
    ASSERT_EQ(kept.size(), 1U);
    ASSERT_EQ(kept[0].failures.size(), 2U);
    EXPECT_EQ(kept[0].failures[0].handler, "strict");
    EXPECT_EQ(kept[0].failures[0].reason, FailureReason::rejected);
    EXPECT_EQ(kept[0].failures[0].tries, 1U);
    EXPECT_EQ(kept[0].failures[1].handler, "weak");
    EXPECT_EQ(kept[0].failures[1].tries, 3U);
}

TEST_P(RetryTest, AHandlersOwnPolicyWins) {
    send(1);
    Bus bus(kettle_options());
    const auto fail = [](const KettleBoiled&) { throw std::runtime_error("no"); };
    bus.connect(KETTLE_BOILED, "once", fail, {.retry = RetryPolicy{1, {}, {}}});
    bus.connect(KETTLE_BOILED, "often", fail, {.retry = RetryPolicy{7, milliseconds{1}, milliseconds{1}}});
    bus.connect_all("raw", [](const RawEvent&) { throw std::runtime_error("no"); },
                    {.retry = RetryPolicy{2, {}, {}}});
    EXPECT_EQ(Consumer(bus, quick()).run().failed, 1U);
    std::map<std::string, std::uint32_t> tries;
    const auto kept = failures_->kept();
    for (const Failure& failure : kept.at(0).failures) tries[failure.handler] = failure.tries;
    EXPECT_EQ(tries, (std::map<std::string, std::uint32_t>{{"once", 1}, {"often", 7}, {"raw", 2}}));
}

TEST_P(RetryTest, WhileOneKeyWaitsOthersGoOnAndItsOwnEventsStayInOrder) {
    Bus sender(kettle_options());
    for (int i = 0; i < 40; ++i) sender.send(KETTLE_BOILED, boiled("room " + std::to_string(i % 4), i));
    Bus bus(kettle_options());
    std::mutex mutex;
    std::vector<std::int64_t> order;
    bool has_failed = false;
    bus.connect(KETTLE_BOILED, "note", [&](const KettleBoiled& data) {
        const std::lock_guard lock(mutex);
        if (data.kettle.degrees == 0 && !std::exchange(has_failed, true)) throw std::runtime_error("wait");
        order.push_back(data.kettle.degrees);
    });
    ConsumeOptions options = quick();
    options.retry = RetryPolicy{3, milliseconds{300}, milliseconds{300}};
    EXPECT_EQ(Consumer(bus, options).run().handled, 40U);
    ASSERT_EQ(order.size(), 40U);
    std::map<std::int64_t, std::vector<std::int64_t>> by_room;
    for (const std::int64_t degrees : order) by_room[degrees % 4].push_back(degrees);
    for (const auto& [room, in_order] : by_room) EXPECT_TRUE(std::ranges::is_sorted(in_order)) << room;
    const std::vector<std::int64_t> last(order.end() - 10, order.end());
    EXPECT_EQ(last, by_room[0]) << "the key that waits comes last";
    EXPECT_EQ(lag("kettles", "tea"), 0U);
}

TEST_P(RetryTest, WhatSucceedsLaterIsAcknowledgedWhileNothingElseComes) {
    send(1);
    Bus bus(kettle_options());
    std::atomic<int> tries = 0;
    bus.connect(KETTLE_BOILED, "note", [&](const KettleBoiled&) {
        if (++tries == 1) throw std::runtime_error("wait");
    });
    ConsumeOptions options = quick();
    options.until_idle.reset();
    RunningConsumer consumer(bus, options);
    EXPECT_TRUE(wait_until([&] { return tries == 2 && lag("kettles", "tea") == 0; }));
    EXPECT_EQ(consumer.stop().handled, 1U);
}

TEST_P(RetryTest, AStopLeavesWhatWaitsToTheNextConsumer) {
    send(3);
    Bus bus(kettle_options());
    std::atomic<bool> fails = true;
    bus.connect(KETTLE_BOILED, "note", [&, call = note("note")](const KettleBoiled& data) {
        call(data);
        if (fails) throw std::runtime_error("later");
    });
    ConsumeOptions options = quick();
    options.until_idle.reset();
    options.retry = RetryPolicy{3, std::chrono::hours{1}, std::chrono::hours{1}};
    RunningConsumer running(bus, options);
    EXPECT_TRUE(wait_until([&] { return !calls("note").empty(); }));
    EXPECT_EQ(running.stop().events(), 0U);
    EXPECT_EQ(lag("kettles", "tea"), 3U);
    fails = false;
    EXPECT_EQ(Consumer(bus, quick()).run().handled, 3U);
    EXPECT_THAT(calls("note"), ElementsAre(0, 0, 1, 2));
}

TEST_P(RetryTest, CountAndIdlenessWaitForWhatIsTriedAgain) {
    send(4);
    Bus bus(kettle_options());
    std::atomic<int> failures = 1;
    bus.connect(KETTLE_BOILED, "shaky", [&](const KettleBoiled&) {
        if (failures-- > 0) throw std::runtime_error("not yet");
    });
    ConsumeOptions options = quick();
    options.until_idle.reset();
    options.count = 2;
    options.retry = RetryPolicy{3, milliseconds{100}, milliseconds{100}};
    EXPECT_EQ(Consumer(bus, options).run().handled, 2U);
    EXPECT_EQ(lag("kettles", "tea"), 2U);
    failures = 1;
    options.count.reset();
    options.until_idle = milliseconds{10};
    EXPECT_EQ(Consumer(bus, options).run().handled, 2U);
    EXPECT_EQ(lag("kettles", "tea"), 0U);
}

TEST_P(RetryTest, AHandlerThatIsGoneGivesUp) {
    send(1);
    Bus bus(kettle_options());
    HandlerId id{};
    id = bus.connect(KETTLE_BOILED, "leaving", [&](const KettleBoiled&) {
        bus.disconnect(id);
        throw std::runtime_error("bye");
    });
    EXPECT_EQ(Consumer(bus, quick()).run().failed, 1U);
    const auto kept = failures_->kept();
    ASSERT_EQ(kept.size(), 1U);
    EXPECT_EQ(kept[0].failures.at(0).tries, 1U);
    EXPECT_THAT(kept[0].failures.at(0).error, HasSubstr("no handler \"leaving\""));
}

TEST_P(RetryTest, AnErrorOfTheConsumersOwnEndsItAndLeavesTheEvent) {
    send(3);
    Bus bus(kettle_options());
    bus.connect(KETTLE_BOILED, "note", [&](const KettleBoiled& data) {
        if (data.kettle.degrees == 1) throw ConsumerMustEnd("no output");
    });
    EXPECT_EQ(message_of<ConsumerMustEnd>([&] { Consumer(bus, quick()).run(); }), "no output");
    EXPECT_EQ(lag("kettles", "tea"), 2U);
    EXPECT_THAT(failures_->kept(), IsEmpty());
}

TEST_P(RetryTest, WhatAPolicyThrowsEndsItAndLeavesTheEvent) {
    class Broken : public FailurePolicy {
        void settle(Bus& /*bus*/, const FailedEvent& /*failed*/) override {
            throw BrokerError("no room for the dead", false);
        }
    };
    send(3);
    Bus bus(kettle_options());
    bus.connect(KETTLE_BOILED, "note", [&](const KettleBoiled& data) {
        if (data.kettle.degrees == 1) throw Reject("no");
    });
    ConsumeOptions options = quick();
    options.failures = std::make_shared<Broken>();
    EXPECT_EQ(message_of<BrokerError>([&] { Consumer(bus, options).run(); }), "no room for the dead");
    EXPECT_EQ(lag("kettles", "tea"), 2U);
}

TEST_P(RetryTest, ACallThatTakesTooLongIsReportedOnce) {
    class Overtime : public Observer {
      public:
        void overtime(const ReceivedEvent& /*event*/, std::string_view handler, Duration so_far) override {
            EXPECT_EQ(handler, "slow");
            EXPECT_GT(so_far, milliseconds{20});
            ++count;
        }
        std::atomic<int> count = 0;
    };
    send(2);
    const auto observer = std::make_shared<Overtime>();
    BusOptions with_observer = kettle_options();
    with_observer.observers.push_back(observer);
    Bus bus(std::move(with_observer));
    bus.connect(KETTLE_BOILED, "slow",
                [&](const KettleBoiled& data) {
                    if (data.kettle.degrees != 0) return;
                    EXPECT_TRUE(wait_until([&] { return observer->count != 0; }))
                        << "it is told while it runs";
                    std::this_thread::sleep_for(milliseconds{30});
                },
                {.time_limit = milliseconds{20}});
    ConsumeOptions options = quick();
    options.handler_time_limit = milliseconds{10'000};
    EXPECT_EQ(Consumer(bus, options).run().handled, 2U);
    EXPECT_EQ(observer->count, 1);
    EXPECT_THAT(log_.lines(), ElementsAre(HasSubstr("handler \"slow\" takes longer than it may")));
}

}  // namespace
}  // namespace eventbus::bus_test
