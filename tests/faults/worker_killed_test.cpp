#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <random>
#include <set>
#include <thread>

#include "account.hpp"
#include "service.hpp"

namespace eventbus::faults {

namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr std::size_t senders = 2;
constexpr std::size_t consumers = 2;

/// What a test does to a service.
struct Plot {
    Consuming consuming;
    /// Letters are sent on meanwhile, by commands that are killed too.
    bool redrives = false;
    /// How a consumer may end by itself.
    std::set<int> ends = {};
};

/// The processes of a service in their places: who dies is followed by another that goes on under a new name.
class Cast {
  public:
    Cast(const Service& service, Plot plot, std::uint32_t seed)
        : service_(service), plot_(std::move(plot)), random_(seed) {
        for (std::size_t i = 0; i < senders + consumers; ++i) peers_.push_back(start(i));
        if (!plot_.redrives) return;
        // There is nothing to send on of a topic that does not exist.
        const auto deadline = Clock::now() + std::chrono::minutes(1);
        while (service_.store().records(Service::topic).empty() && Clock::now() < deadline)
            std::this_thread::sleep_for(milliseconds(20));
        peers_.push_back(service_.start_redrive());
    }

    void kill_for(std::chrono::seconds time) {
        const auto until = Clock::now() + time;
        while (Clock::now() < until) {
            std::this_thread::sleep_for(milliseconds(pick(20, 200)));
            revive();
            hold_senders();
            const std::size_t place = pick(0, peers_.size() - 1);
            // Most redrives come to their end, so that letters do not only become more.
            if (place < senders + consumers || pick(0, 2) == 0) kill(place);
        }
    }

    void stop_senders() {
        for (std::size_t i = 0; i < senders; ++i) peers_[i].resume();
        for (std::size_t i = 0; i < senders; ++i) EXPECT_EQ(peers_[i].stop(), 0);
        peers_.erase(peers_.begin() + static_cast<std::ptrdiff_t>(senders + consumers), peers_.end());
    }

    void stop_consumers_when_done() {
        const auto deadline = Clock::now() + std::chrono::minutes(3);
        while (!service_.is_done() && Clock::now() < deadline) {
            std::this_thread::sleep_for(milliseconds(50));
            for (std::size_t i = senders; i < peers_.size(); ++i) revive(i);
        }
        EXPECT_TRUE(service_.is_done()) << "the consumers do not come to an end";
        for (std::size_t i = senders; i < peers_.size(); ++i) {
            const int code = peers_[i].stop();
            EXPECT_TRUE(code == 0 || plot_.ends.contains(code)) << "a consumer ended with " << code;
        }
    }

    [[nodiscard]] int killed() const { return killed_; }
    [[nodiscard]] int ended() const { return ended_; }

  private:
    std::size_t pick(std::size_t from, std::size_t to) {
        return std::uniform_int_distribution<std::size_t>(from, to)(random_);
    }

    Process start(std::size_t place) {
        const std::string name = std::to_string(started_++);
        if (place < senders) return service_.start_sender(name, pick(0, 1'000'000));
        if (place < senders + consumers)
            return service_.start_consumer(name, pick(0, 1'000'000), plot_.consuming);
        return service_.start_redrive();
    }

    void kill(std::size_t place) {
        peers_[place].kill();
        ++killed_;
        peers_[place] = start(place);
    }

    // In a long run the consumers, who fail and die, would never come to the end of what is sent.
    void hold_senders() {
        constexpr std::uint64_t too_far = 3'000;
        const bool holds = service_.behind() > too_far;
        for (std::size_t i = 0; i < senders; ++i) {
            if (holds) {
                peers_[i].pause();
            } else {
                peers_[i].resume();
            }
        }
    }

    void revive() {
        for (std::size_t i = 0; i < peers_.size(); ++i) revive(i);
    }
    void revive(std::size_t place) {
        if (peers_[place].is_running()) return;
        const int code = peers_[place].wait();
        if (place >= senders + consumers) {
            EXPECT_EQ(code, 0) << "a redrive failed";
        } else {
            EXPECT_TRUE(place >= senders && plot_.ends.contains(code)) << "a peer ended by itself: " << code;
            ++ended_;
        }
        peers_[place] = start(place);
    }

    const Service& service_;
    Plot plot_;
    std::mt19937 random_;
    std::vector<Process> peers_;
    int started_ = 0;
    int killed_ = 0;
    int ended_ = 0;
};

/// Kills whoever takes part, until the consumers have done all that there is.
void play(const Service& service, const Plot& plot, std::uint32_t seed) {
    Cast cast(service, plot, seed);
    cast.kill_for(soak(service.store().short_run()));
    cast.stop_senders();
    cast.stop_consumers_when_done();
    std::printf("%d processes killed, %d consumers ended by themselves\n", cast.killed(), cast.ended());
    EXPECT_GT(cast.killed(), 10);
}

/// Consumers with nothing wrong, whom nobody kills.
class Heirs {
  public:
    Heirs(const Service& service, std::size_t workers, bool keeps_order) : service_(service) {
        for (const std::string name : {"heir1", "heir2"})
            consumers_.push_back(
                service.start_consumer(name, 0, {.workers = workers, .keeps_order = keeps_order}));
    }
    void finish() {
        const auto deadline = Clock::now() + std::chrono::minutes(3);
        while (!service_.is_done() && Clock::now() < deadline) std::this_thread::sleep_for(milliseconds(50));
        EXPECT_TRUE(service_.is_done()) << "the consumers do not come to an end";
    }
    void stop() {
        for (Process& consumer : consumers_) EXPECT_EQ(consumer.stop(), 0);
    }

  private:
    const Service& service_;
    std::vector<Process> consumers_;
};

bool has_open_letters(const Service& service) {
    return !open_letters(service.store().records(Service::dead_letters)).empty();
}

/// Sends everything on, by commands that are killed, sometimes two at once.
void redrive_by_killed_commands(const Service& service, std::uint32_t seed) {
    std::mt19937 random(seed);
    int killed = 0;
    for (int round = 0; has_open_letters(service); ++round) {
        ASSERT_LT(round, 70) << "letters stay open";
        std::vector<Process> commands;
        for (int i = 0; i <= round % 3 / 2; ++i) commands.push_back(service.start_redrive());
        // Ever later, so that it comes to an end however slow the machine is.
        const int longest = 60 << std::min(round / 6, 9);
        std::this_thread::sleep_for(milliseconds(std::uniform_int_distribution<int>(1, longest)(random)));
        for (Process& command : commands) {
            if (command.is_running()) ++killed;
            command.kill();
        }
    }
    std::printf("%d redrives killed\n", killed);
}

/// Each letter came once to each handler that it was for, and nothing else came.
void expect_each_letter_once(const Account& before, const Account& after) {
    const auto letters = before.letters();
    EXPECT_GT(letters.size(), 10U) << "there was hardly anything to send on";
    for (const auto& [task, times] : after.handled()) {
        const auto letter = letters.find(task);
        const auto known = before.handled().find(task);
        const int expected = (letter == letters.end() ? 0 : letter->second) +
                             (known == before.handled().end() ? 0 : known->second);
        EXPECT_EQ(times, expected) << task.first << " for " << task.second;
    }
}

class WorkerKilled : public testing::TestWithParam<std::tuple<std::string, std::size_t>> {
  protected:
    [[nodiscard]] static std::string store() { return std::get<0>(GetParam()); }
    [[nodiscard]] static std::size_t workers() { return std::get<1>(GetParam()); }
};

TEST_P(WorkerKilled, LosesNothingAndLettersAreSentOnOnce) {
    const std::uint32_t seed = chosen_seed();
    const Service service(store());
    const Consuming consuming{workers(), false, {"throw:100", "hang:4", "exit:2", "poison:10"}};
    play(service, {.consuming = consuming, .redrives = false, .ends = {3}}, seed);
    const Account before(service);
    before.print();
    before.expect_nothing_lost();
    before.expect_order(true);
    EXPECT_GT(before.sent(), 500U) << "hardly anything was sent";
    EXPECT_GT(service.logged("takes longer than it may"), 0U) << "no handler was found to hang";

    Heirs heirs(service, workers(), false);
    redrive_by_killed_commands(service, seed);
    heirs.finish();
    heirs.stop();
    const Account after(service);
    after.print();
    EXPECT_EQ(after.open(), 0U);
    after.expect_nothing_lost();
    expect_each_letter_once(before, after);
    EXPECT_EQ(service.store().integrity(), "ok");
}

TEST_P(WorkerKilled, RedrivesOfManyLettersSendEachOnce) {
    const std::uint32_t seed = chosen_seed();
    const Service service(store());
    std::vector<Process> peers;
    for (const std::string name : {"1", "2", "3"}) peers.push_back(service.start_sender(name, seed));
    peers.push_back(service.start_consumer("refuses", seed, {.workers = 8, .mischief = {"reject:1000"}}));
    std::this_thread::sleep_for(std::chrono::seconds(2));
    for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(peers[i].stop(), 0);
    for (int i = 0; i < 1200 && !service.is_done(); ++i) std::this_thread::sleep_for(milliseconds(50));
    EXPECT_EQ(peers[3].stop(), 0);
    const Account before(service);
    before.expect_nothing_lost();

    Heirs heirs(service, workers(), false);
    redrive_by_killed_commands(service, seed);
    heirs.finish();
    heirs.stop();
    const Account after(service);
    after.print();
    EXPECT_EQ(before.handled().size(), 0U);
    EXPECT_EQ(after.open(), 0U);
    expect_each_letter_once(before, after);
}

TEST_P(WorkerKilled, KeepsTheOrderOfKeysAmongLettersToo) {
    const std::uint32_t seed = chosen_seed();
    const Service service(store());
    const Consuming consuming{workers(), true, {"throw:120", "reject:8", "exit:1"}};
    play(service, {.consuming = consuming, .redrives = true, .ends = {3}}, seed);
    const Account before(service);
    before.print();
    before.expect_nothing_lost();

    Heirs heirs(service, workers(), true);
    int rounds = 0;
    for (; has_open_letters(service) || !service.is_done(); ++rounds) {
        ASSERT_LT(rounds, 100) << "letters stay open";
        EXPECT_EQ(service.start_redrive().wait(), 0);
        heirs.finish();
    }
    std::printf("all is sent on after %d redrives\n", rounds);
    heirs.stop();
    const Account after(service);
    after.print();
    after.expect_nothing_lost();
    after.expect_order(false);
    EXPECT_EQ(service.store().integrity(), "ok");
}

TEST_P(WorkerKilled, LosesNothingWhenMemoryIsExhausted) {
    const std::uint32_t seed = chosen_seed();
    const Service service(store());
    const Consuming consuming{workers(), false, {"memory:10", "throw:50", "reject:10"}};
    // No memory is a failed try of the handler, or the end of the consumer, wherever it is met.
    play(service, {.consuming = consuming, .redrives = true, .ends = {-1, 1, 5, 7}}, seed);
    const Account account(service);
    account.print();
    account.expect_nothing_lost();
    EXPECT_EQ(service.store().integrity(), "ok");
}

TEST_P(WorkerKilled, LosesNothingWhenTheClockJumps) {
    const std::uint32_t seed = chosen_seed();
    const Service service(store(), true);
    const Consuming consuming{workers(), false, {"throw:100", "reject:10", "hang:4"}};
    play(service, {.consuming = consuming, .redrives = true, .ends = {}}, seed);
    const Account account(service);
    account.print();
    account.expect_nothing_lost();
    EXPECT_GT(service.logged("takes longer than it may"), 0U) << "no handler was found to hang";
    EXPECT_GT(service.logged("is tried again in"), 0U);
    EXPECT_EQ(service.store().integrity(), "ok");
}

INSTANTIATE_TEST_SUITE_P(Stores, WorkerKilled,
                         testing::Combine(testing::ValuesIn(stores()), testing::ValuesIn(worker_counts())),
                         [](const auto& parameter) {
                             return std::get<0>(parameter.param) + "W" +
                                    std::to_string(std::get<1>(parameter.param));
                         });

}  // namespace

}  // namespace eventbus::faults
