#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <map>
#include <mutex>
#include <semaphore>
#include <set>
#include <stdexcept>
#include <thread>

#include "consuming.hpp"
#include "eventbus/bus/failure_policy.hpp"
#include "fixture.hpp"

namespace eventbus::bus_test {
namespace {

using kettle::KETTLE_BOILED;
using kettle::KettleBoiled;
using std::chrono::milliseconds;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// Consumers with several workers.
class WorkersTest : public BusTest {
  protected:
    void send(int events, int rooms) const {
        Bus sender(kettle_options());
        for (int i = 0; i < events; ++i)
            sender.send(KETTLE_BOILED, boiled("room " + std::to_string(i % rooms), i));
    }
    [[nodiscard]] static ConsumeOptions with_workers(std::size_t workers, ConsumeOptions options) {
        options.workers = workers;
        options.retry = RetryPolicy{3, milliseconds{1}, milliseconds{2}};
        options.failures = std::make_shared<LogFailures>();
        return options;
    }
    /// Connects a handler that counts its calls, and waits at the gate in each.
    void connect_waiting(Bus& bus) {
        bus.connect(KETTLE_BOILED, "note", [this](const KettleBoiled&) {
            ++begun_;
            gate_.pass();
        });
    }

    Gate gate_;
    std::atomic<int> begun_ = 0;
};

TEST_F(WorkersTest, HandleDifferentKeysAtOnceAndOneKeyInOrder) {
    send(400, 16);
    Bus bus(kettle_options());
    std::mutex mutex;
    std::map<std::string, std::vector<std::int64_t>> by_room;
    std::set<std::string> busy;
    std::size_t most_at_once = 0;
    bus.connect(KETTLE_BOILED, "note", [&](const KettleBoiled& data) {
        {
            const std::lock_guard lock(mutex);
            EXPECT_TRUE(busy.insert(data.kettle.room).second) << "two of " << data.kettle.room << " at once";
            most_at_once = std::max(most_at_once, busy.size());
            by_room[data.kettle.room].push_back(data.kettle.degrees);
        }
        std::this_thread::sleep_for(milliseconds{1});
        const std::lock_guard lock(mutex);
        busy.erase(data.kettle.room);
    });
    EXPECT_EQ(Consumer(bus, with_workers(8, until_idle())).run().handled, 400U);
    EXPECT_EQ(most_at_once, 8U);
    EXPECT_EQ(by_room.size(), 16U);
    for (const auto& [room, in_order] : by_room) {
        EXPECT_EQ(in_order.size(), 25U) << room;
        EXPECT_TRUE(std::ranges::is_sorted(in_order)) << room;
    }
    EXPECT_EQ(lag("kettles", "tea"), 0U);
}

TEST_F(WorkersTest, TriesThatAreDueAtOnceRunAtOnce) {
    constexpr int rooms = 6;
    std::mutex mutex;
    std::condition_variable changed;
    int failed = 0;
    int at_work = 0;
    bool all_at_once = false;
    std::set<std::string> seen;
    Bus bus(kettle_options());
    bus.connect(KETTLE_BOILED, "note", [&](const KettleBoiled& data) {
        std::unique_lock lock(mutex);
        if (seen.insert(data.kettle.room).second) {
            ++failed;
            changed.notify_all();
            throw std::runtime_error("not yet");
        }
        ++at_work;
        changed.notify_all();
        all_at_once = changed.wait_for(lock, patience, [&] { return at_work == rooms; });
    });
    ConsumeOptions options = with_workers(8, consume());
    options.count = rooms;
    options.retry = RetryPolicy{2, milliseconds{300}, milliseconds{300}};
    std::jthread consumer([&] { Consumer(bus, options).run(); });
    // One after the other, so that most threads have nothing to do and wait for no time.
    Bus sender(kettle_options());
    for (int i = 0; i < rooms; ++i) {
        sender.send(KETTLE_BOILED, boiled("room " + std::to_string(i), i));
        std::unique_lock lock(mutex);
        EXPECT_TRUE(changed.wait_for(lock, patience, [&] { return failed == i + 1; }));
    }
    consumer.join();
    EXPECT_TRUE(all_at_once);
}

TEST_F(WorkersTest, AFailureEndsAlsoThreadsThatCannotAcknowledge) {
    send(2, 2);
    Gate cannot;
    faults_->acknowledge = [&] {
        cannot.open();
        throw BrokerError("the line is cut", true);
    };
    struct Refuse : FailurePolicy {
        void settle(Bus& /*bus*/, const FailedEvent& /*failed*/) override {
            throw BrokerError("no room for it", false);
        }
    };
    Bus bus(faulty_options());
    bus.connect(KETTLE_BOILED, "note", [&](const KettleBoiled& data) {
        if (data.kettle.degrees == 0) return;
        cannot.pass();
        throw Reject("never");
    });
    ConsumeOptions options = with_workers(2, consume());
    options.failures = std::make_shared<Refuse>();
    EXPECT_EQ(message_of<BrokerError>([&] { Consumer(bus, options).run(); }), "no room for it");
    EXPECT_EQ(lag("kettles", "tea"), 2U);
}

TEST_F(WorkersTest, GoOnWhileOneOfThemAcknowledges) {
    faults_->acknowledge = [this] { gate_.pass(); };
    Bus bus(faulty_options());
    std::counting_semaphore<> handled(0);
    bus.connect(KETTLE_BOILED, "note", [&](const KettleBoiled&) { handled.release(); });
    RunningConsumer consumer(bus, with_workers(2, consume()));
    send(1, 1);
    gate_.wait_for_arrival();
    constexpr std::chrono::seconds patience{10};
    EXPECT_TRUE(handled.try_acquire_for(patience));
    send(1, 1);
    EXPECT_TRUE(handled.try_acquire_for(patience));
    // Meanwhile the other has nothing to do but to acknowledge, too.
    std::this_thread::sleep_for(milliseconds{50});
    send(1, 1);
    EXPECT_TRUE(handled.try_acquire_for(patience));
    gate_.open();
    EXPECT_EQ(consumer.stop().handled, 3U);
    EXPECT_EQ(lag("kettles", "tea"), 0U);
}

TEST_F(WorkersTest, ThePositionDoesNotPassAnEventThatIsNotFinished) {
    send(50, 50);
    Bus bus(kettle_options());
    Gate gate;
    std::atomic<int> handled = 0;
    bus.connect(KETTLE_BOILED, "note", [&](const KettleBoiled& data) {
        if (data.kettle.degrees == 0) gate.pass();
        ++handled;
    });
    RunningConsumer running(bus, with_workers(4, consume()));
    EXPECT_TRUE(wait_until([&] { return handled == 49; }));
    // What others finished is acknowledged; the partition of the first event stands before it.
    EXPECT_TRUE(wait_until([&] { return lag("kettles", "tea") < 50; }));
    EXPECT_GT(lag("kettles", "tea"), 0U);
    gate.open();
    EXPECT_TRUE(wait_until([&] { return lag("kettles", "tea") == 0; }));
    EXPECT_EQ(running.stop().handled, 50U);
}

TEST_F(WorkersTest, HoldNoMoreThanThePrefetch) {
    send(40, 40);
    Bus bus(kettle_options());
    connect_waiting(bus);
    ConsumeOptions options = with_workers(8, consume());
    options.prefetch = 5;
    RunningConsumer running(bus, options);
    EXPECT_TRUE(wait_until([&] { return begun_ == 5; }));
    std::this_thread::sleep_for(milliseconds{50});
    EXPECT_EQ(begun_, 5);
    gate_.open();
    EXPECT_TRUE(wait_until([&] { return lag("kettles", "tea") == 0; }));
    EXPECT_EQ(running.stop().handled, 40U);
}

TEST_F(WorkersTest, AStopLetsThemFinishWhatTheyHandleAndGivesBackTheRest) {
    send(100, 100);
    Bus bus(kettle_options());
    connect_waiting(bus);
    RunningConsumer running(bus, with_workers(4, consume()));
    EXPECT_TRUE(wait_until([&] { return begun_ == 4; }));
    running.request_stop();
    gate_.open();
    EXPECT_EQ(running.stop().handled, 4U);
    EXPECT_EQ(begun_, 4);
    EXPECT_THAT(log_.lines(), IsEmpty());
    std::atomic<int> again = 0;
    Bus other(kettle_options());
    other.connect(KETTLE_BOILED, "note", [&](const KettleBoiled&) { ++again; });
    const auto rest = Consumer(other, with_workers(4, until_idle())).run().handled;
    EXPECT_GE(rest, 96U) << "all but those that were acknowledged in order";
    EXPECT_EQ(lag("kettles", "tea"), 0U);
}

TEST_F(WorkersTest, CountIsKeptExactly) {
    send(100, 10);
    Bus bus(kettle_options());
    std::atomic<int> handled = 0;
    bus.connect(KETTLE_BOILED, "note", [&](const KettleBoiled&) { ++handled; });
    ConsumeOptions options = with_workers(4, consume());
    options.count = 37;
    EXPECT_EQ(Consumer(bus, options).run().handled, 37U);
    EXPECT_EQ(handled, 37);
    EXPECT_EQ(lag("kettles", "tea"), 63U);
}

TEST_F(WorkersTest, AFailureOfTheBrokerEndsThemAll) {
    send(20, 20);
    faults_->acknowledge = [] { throw BrokerError("the line is cut", false); };
    Bus bus(faulty_options());
    EXPECT_EQ(message_of<BrokerError>([&] { Consumer(bus, with_workers(4, consume())).run(); }),
              "the line is cut");
}

TEST_F(WorkersTest, SuchAsAreOverdueAreAllNamed) {
    send(3, 3);
    Bus bus(kettle_options());
    connect_waiting(bus);
    ConsumeOptions options = with_workers(3, consume());
    options.stop_timeout = milliseconds{10};
    options.on_overdue = [&] { gate_.open(); };
    RunningConsumer running(bus, options);
    EXPECT_TRUE(wait_until([&] { return begun_ == 3; }));
    EXPECT_EQ(running.stop().handled, 3U);
    const std::string text = log_.text();
    for (const ReceivedEvent& event : stored("kettles"))
        EXPECT_THAT(text, HasSubstr(event.metadata.id.to_string()));
}

TEST_F(WorkersTest, MayBeAsManyAsTheSettingsSay) {
    send(8, 8);
    Bus bus(kettle_options({{"EVENT_BUS_CONSUMER_WORKERS", "8"}}));
    std::atomic<int> begun = 0;
    bus.connect(KETTLE_BOILED, "note", [&](const KettleBoiled&) {
        ++begun;
        EXPECT_TRUE(wait_until([&] { return begun == 8; }));
    });
    EXPECT_EQ(Consumer(bus, until_idle()).run().handled, 8U);
    ConsumeOptions none = consume();
    none.workers = 0;
    EXPECT_THAT(message_of<InvalidValue>([&] { Consumer(bus, none); }), HasSubstr("worker"));
}

}  // namespace
}  // namespace eventbus::bus_test
