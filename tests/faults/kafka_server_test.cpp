#include <gtest/gtest.h>

#include <random>
#include <thread>

#include "account.hpp"
#include "crew.hpp"
#include "kafka_store.hpp"

namespace eventbus::faults {

namespace {

using Clock = std::chrono::steady_clock;
using servers::KafkaCluster;
using servers::Proxy;
using std::chrono::milliseconds;

constexpr std::chrono::seconds short_run{8};
const Consuming clumsy{.workers = 4, .keeps_order = false, .mischief = {"throw:30", "reject:3"}};
/// A letter that cannot be stored for long ends a consumer.
const Consuming flawless{.workers = 4, .keeps_order = false, .mischief = {}};

/// A service on a cluster, and what happens to the cluster.
class Stage {
  public:
    explicit Stage(const Consuming& consuming, std::size_t brokers = 1, const std::string& consumers = {})
        : Stage(make_store(brokers, consumers), chosen_seed(), consuming) {}

    [[nodiscard]] KafkaStore& store() { return *store_; }
    [[nodiscard]] KafkaCluster& cluster() { return store_->cluster(); }
    [[nodiscard]] const Service& service() const { return service_; }
    [[nodiscard]] Crew& crew() { return crew_; }
    [[nodiscard]] const Crew& crew() const { return crew_; }
    [[nodiscard]] int pick(int from, int to) { return std::uniform_int_distribution<int>(from, to)(random_); }

    void wait(int from, int to) { std::this_thread::sleep_for(milliseconds(pick(from, to))); }

    /// Calls `work` again and again, with pauses.
    template <class Work>
    void again_and_again(const Work& work) {
        crew_.wait_until_sent(50);
        const auto until = Clock::now() + soak(short_run);
        while (Clock::now() < until) {
            work();
            wait(50, 800);
        }
    }
    /// The broker is away for so long, killed or ended in order.
    void restart(std::size_t broker, int away) {
        if (pick(0, 1) == 0) {
            cluster().kill(broker);
        } else {
            cluster().stop(broker);
        }
        std::this_thread::sleep_for(milliseconds(away));
        cluster().start(broker);
    }
    void pause(int time) {
        cluster().pause();
        std::this_thread::sleep_for(milliseconds(time));
        cluster().resume();
    }
    void lose_registry(int time) {
        store_->way_to_registry().refuse(true);
        store_->way_to_registry().cut();
        std::this_thread::sleep_for(milliseconds(time));
        store_->way_to_registry().refuse(false);
    }

    void finish() {
        crew_.wait_until_sent(200);
        crew_.expect_all_run();
        crew_.stop_senders();
        crew_.stop_consumers();
    }
    [[nodiscard]] Account expect_nothing_lost() const {
        Account account(service_);
        account.print();
        account.expect_nothing_lost();
        account.expect_order(true);
        EXPECT_GT(account.sent(), 200U) << "hardly anything was sent";
        return account;
    }

  private:
    static std::unique_ptr<KafkaStore> make_store(std::size_t brokers, const std::string& consumers) {
        auto store = std::make_unique<KafkaStore>(KafkaCluster::Options{.brokers = brokers});
        store->configure_consumers(consumers);
        return store;
    }
    Stage(std::unique_ptr<KafkaStore> store, std::uint32_t seed, const Consuming& consuming)
        : store_(store.get()), service_(std::move(store)), random_(seed), crew_(service_, seed, consuming) {}

    KafkaStore* store_;
    Service service_;
    std::mt19937 random_;
    Crew crew_;
};

TEST(KafkaServerFaults, KilledAndEndedAgainAndAgain) {
    Stage stage(clumsy);
    stage.again_and_again([&] { stage.restart(0, stage.pick(0, 500)); });
    stage.finish();
    static_cast<void>(stage.expect_nothing_lost());
}

TEST(KafkaServerFaults, PausedAgainAndAgainForLongerThanSessions) {
    Stage stage(clumsy);
    stage.again_and_again([&] { stage.pause(stage.pick(10, 3'500)); });
    stage.finish();
    static_cast<void>(stage.expect_nothing_lost());
}

TEST(KafkaServerFaults, LeadershipMovesBetweenTwoBrokers) {
    Stage stage(clumsy, 2);
    stage.again_and_again(
        [&] { stage.restart(static_cast<std::size_t>(stage.pick(0, 1)), stage.pick(500, 3'000)); });
    stage.finish();
    static_cast<void>(stage.expect_nothing_lost());
}

/// What one member handled comes to another only once the first was told to end: it may have handed an event
/// to one handler and not yet to all.
void expect_nothing_twice_while_alive(const Stage& stage) {
    std::size_t compared = 0;
    for (const std::string& handler : handlers()) {
        std::map<std::string, std::pair<std::string, std::int64_t>> first;
        for (const auto& [member, entries] : stage.crew().handled_by_member(handler)) {
            for (const Entry& entry : entries) {
                const auto [before, is_first] = first.try_emplace(entry.id, std::pair(member, entry.time));
                ++compared;
                if (is_first || before->second.first == member) continue;
                const bool came_later = before->second.second < entry.time;
                const std::string& earlier = came_later ? before->second.first : member;
                EXPECT_LT(stage.crew().told_to_end(earlier), std::max(entry.time, before->second.second))
                    << entry.id << " came to " << member << " and " << before->second.first;
            }
        }
    }
    EXPECT_GT(compared, 200U);
}

class RebalanceStorm : public testing::TestWithParam<const char*> {};

TEST_P(RebalanceStorm, MembersComeGoAndDieUnderLoad) {
    Stage stage(clumsy, 1,
                std::string(R"(, "partition.assignment.strategy": ")").append(GetParam()).append("\""));
    stage.again_and_again([&] {
        if (stage.pick(0, 1) == 0) {
            stage.crew().replace_a_consumer();
        } else {
            stage.crew().relieve_a_consumer();
        }
    });
    stage.finish();
    static_cast<void>(stage.expect_nothing_lost());
}

TEST_P(RebalanceStorm, NothingIsHandledTwiceWhileEachOldOwnerLives) {
    // A machine that is busy for a second is no death.
    Stage stage({.workers = 4, .keeps_order = true, .mischief = {}}, 1,
                std::string(R"(, "session.timeout.ms": 10000, "partition.assignment.strategy": ")")
                    .append(GetParam())
                    .append("\""));
    stage.again_and_again([&] { stage.crew().relieve_a_consumer(); });
    stage.finish();
    static_cast<void>(stage.expect_nothing_lost());
    expect_nothing_twice_while_alive(stage);
}

INSTANTIATE_TEST_SUITE_P(Strategies, RebalanceStorm,
                         testing::Values("range,roundrobin", "cooperative-sticky"), [](const auto& strategy) {
                             return std::string(strategy.param) == "cooperative-sticky" ? "cooperative"
                                                                                        : "eager";
                         });

TEST(KafkaServerFaults, WithoutARegistryWhatIsKnownGoesOnAndWhatIsNewWaits) {
    Stage stage(flawless);
    stage.crew().wait_until_sent(50);
    Proxy& registry = stage.store().way_to_registry();
    registry.refuse(true);
    registry.cut();
    // Who has sent and handled before needs nothing of the registry.
    stage.crew().wait_until_sent(200);
    EXPECT_EQ(stage.service().start_produce().wait(), 5);
    EXPECT_GT(stage.service().logged("registry"), 0U);
    stage.crew().replace_a_consumer();
    std::this_thread::sleep_for(milliseconds(3'000));
    registry.refuse(false);
    EXPECT_EQ(stage.service().start_produce().wait(), 0);
    stage.finish();
    EXPECT_EQ(stage.expect_nothing_lost().open(), 0U) << "an event became a letter for want of a registry";
}

TEST(KafkaServerFaults, AllTroublesAtRandom) {
    Stage stage(clumsy, 2);
    stage.again_and_again([&] {
        switch (stage.pick(0, 4)) {
            case 0:
                return stage.restart(static_cast<std::size_t>(stage.pick(0, 1)), stage.pick(0, 2'000));
            case 1:
                return stage.pause(stage.pick(10, 2'500));
            case 2:
                return stage.lose_registry(stage.pick(10, 2'000));
            case 3:
                return stage.crew().replace_a_consumer();
            default:
                return stage.crew().relieve_a_consumer();
        }
    });
    stage.finish();
    static_cast<void>(stage.expect_nothing_lost());
}

}  // namespace

}  // namespace eventbus::faults
