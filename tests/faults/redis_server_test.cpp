#include <gtest/gtest.h>

#include <cstdio>
#include <thread>

#include "account.hpp"
#include "crew.hpp"
#include "eventbus/event/timestamp.hpp"
#include "redis_store.hpp"
#include "redis_trouble.hpp"

namespace eventbus::faults {

namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr std::chrono::seconds short_run{6};
const Consuming clumsy{.workers = 4, .keeps_order = false, .mischief = {"throw:30", "reject:3"}};
/// A letter that cannot be stored for long ends a consumer.
const Consuming flawless{.workers = 4, .keeps_order = false, .mischief = {}};

/// A service on a server that may keep its data.
class Stage {
  public:
    explicit Stage(bool keeps_data, const Consuming& consuming = clumsy)
        : Stage(std::make_unique<RedisStore>(
                    servers::RedisServer::Options{.keeps_data = keeps_data, .arguments = {}}),
                chosen_seed(), consuming) {}

    [[nodiscard]] servers::RedisServer& server() { return store_->server(); }
    [[nodiscard]] const Service& service() const { return service_; }
    RedisTrouble& trouble() { return trouble_; }
    Crew& crew() { return crew_; }

    void finish() {
        crew_.wait_until_sent(200);
        crew_.expect_all_run();
        crew_.stop_senders();
        crew_.stop_consumers();
    }
    /// Calls `work` again and again, with pauses.
    template <class Work>
    void again_and_again(const Work& work) {
        crew_.wait_until_sent(50);
        const auto until = Clock::now() + soak(short_run);
        while (Clock::now() < until) {
            work();
            std::this_thread::sleep_for(trouble_.time(50, 800));
        }
    }
    void expect_nothing_lost() const {
        const Account account(service_);
        account.print();
        account.expect_nothing_lost();
        EXPECT_GT(account.sent(), 200U) << "hardly anything was sent";
    }

  private:
    Stage(std::unique_ptr<RedisStore> store, std::uint32_t seed, const Consuming& consuming)
        : store_(store.get()),
          service_(std::move(store)),
          trouble_(store_->server(), seed),
          crew_(service_, seed, consuming) {}

    RedisStore* store_;
    Service service_;
    RedisTrouble trouble_;
    Crew crew_;
};

/// Milliseconds since 1970: what the ids of entries that are stored now begin with.
std::uint64_t id_now() {
    return static_cast<std::uint64_t>(
        std::chrono::duration_cast<milliseconds>(now().time_since_epoch()).count());
}

void expect_lost_before(const Service& service, std::uint64_t id) {
    const Account account(service);
    account.print();
    account.expect_stored_is_handled();
    const auto lost = account.lost();
    EXPECT_FALSE(lost.empty()) << "the server lost nothing";
    for (const Entry& entry : lost)
        EXPECT_LT(entry.offset.number, id) << entry.id << " was stored afterwards, and is lost";
}

TEST(RedisServerFaults, KilledAgainAndAgainItLosesNothingThatItKeeps) {
    Stage stage(true);
    stage.again_and_again([&] { stage.trouble().kill_and_restart(stage.trouble().time(0, 500)); });
    stage.finish();
    stage.expect_nothing_lost();
    EXPECT_EQ(stage.service().logged("Redis lost events"), 0U);
    EXPECT_EQ(stage.service().logged("were trimmed"), 0U) << "a false alarm";
}

TEST(RedisServerFaults, WhatItLostIsSaidWhenItKeepsNothing) {
    Stage stage(false);
    std::uint64_t restarted = 0;
    stage.again_and_again([&] {
        stage.server().kill();
        restarted = id_now();
        stage.server().start();
    });
    stage.finish();
    expect_lost_before(stage.service(), restarted);
    EXPECT_GT(stage.service().logged("Redis lost events of topic logins that it had confirmed"), 0U);
    EXPECT_GT(stage.service().logged("the group group is gone from Redis"), 0U);
}

TEST(RedisServerFaults, ConsumersGoOnWhenEverythingIsDeleted) {
    Stage stage(true);
    std::uint64_t deleted = 0;
    stage.again_and_again([&] {
        static_cast<void>(stage.server().ask("FLUSHALL"));
        deleted = id_now() + 1;
    });
    stage.finish();
    expect_lost_before(stage.service(), deleted);
    EXPECT_GT(stage.service().logged("the group group is gone from Redis"), 0U);
}

TEST(RedisServerFaults, ConnectionsAreCutAgainAndAgain) {
    Stage stage(true);
    stage.again_and_again([&] { stage.trouble().cut_connections(stage.trouble().pick(1, 3)); });
    stage.finish();
    stage.expect_nothing_lost();
}

TEST(RedisServerFaults, PausedForLongerThanTimeOuts) {
    Stage stage(true, flawless);
    stage.crew().wait_until_sent(50);
    stage.trouble().pause(milliseconds(7'000));
    stage.finish();
    stage.expect_nothing_lost();
}

TEST(RedisServerFaults, WithoutRoomNothingIsStoredUntilThereIsSome) {
    Stage stage(true, flawless);
    stage.crew().wait_until_sent(50);
    static_cast<void>(stage.server().ask("CONFIG SET maxmemory 1"));
    EXPECT_EQ(stage.service().start_produce().wait(), 7);
    stage.crew().replace_a_consumer();
    EXPECT_GT(stage.service().logged("OOM"), 0U);
    static_cast<void>(stage.server().ask("CONFIG SET maxmemory 0"));
    stage.finish();
    stage.expect_nothing_lost();
}

TEST(RedisServerFaults, AllTroublesAtRandom) {
    Stage stage(true);
    stage.again_and_again([&] {
        stage.trouble().happen();
        if (stage.trouble().pick(0, 3) == 0) stage.crew().replace_a_consumer();
    });
    stage.finish();
    stage.expect_nothing_lost();
}

}  // namespace

}  // namespace eventbus::faults
