#include <gtest/gtest.h>

#include <thread>

#include "account.hpp"
#include "crew.hpp"
#include "redis_store.hpp"
#include "tests/servers/redis_client.hpp"
#include "tests/servers/redis_sentinel.hpp"

namespace eventbus::faults {

namespace {

using servers::RedisServer;
using std::chrono::milliseconds;

/// Two servers, one the replica of the other, and a sentinel that says which.
class WatchedStore final : public RedisStore {
  public:
    explicit WatchedStore(int replicas_to_wait_for)
        : RedisStore(options()), other_(options()), replicas_to_wait_for_(replicas_to_wait_for) {
        other_.replicate(server());
        sentinel_ = std::make_unique<servers::RedisSentinel>(server(), 1);
        // A server that is slow for a moment keeps its role.
        servers::RedisClient(sentinel_->port())(
            {"SENTINEL", "SET", "events", "down-after-milliseconds", "1500"});
    }

    [[nodiscard]] std::vector<std::string> settings() const override {
        auto settings = redis_settings("redis+sentinel://127.0.0.1:" + std::to_string(sentinel_->port()) +
                                       "/events/0?socket_timeout=1");
        settings.push_back("EVENT_BUS_REDIS_WAIT_REPLICAS=" + std::to_string(replicas_to_wait_for_));
        return settings;
    }

    [[nodiscard]] const RedisServer& master() const override { return is_moved_ ? other_ : server(); }
    [[nodiscard]] RedisServer& replica() { return is_moved_ ? server() : other_; }

    void kill_master() { master_of_now().kill(); }
    void wait_for_promotion() {
        sentinel_->wait_for_other_master(master().port());
        is_moved_ = !is_moved_;
    }
    /// The old master comes back as a replica.
    void start_replica() {
        replica().start();
        replica().replicate(master());
    }

  private:
    [[nodiscard]] RedisServer& master_of_now() { return is_moved_ ? other_ : server(); }
    static RedisServer::Options options() { return {.keeps_data = true, .arguments = {}}; }

    RedisServer other_;
    std::unique_ptr<servers::RedisSentinel> sentinel_;
    int replicas_to_wait_for_;
    bool is_moved_ = false;
};

class Stage {
  public:
    explicit Stage(int replicas_to_wait_for)
        : Stage(std::make_unique<WatchedStore>(replicas_to_wait_for), chosen_seed()) {}

    [[nodiscard]] WatchedStore& store() { return store_; }
    [[nodiscard]] const Service& service() const { return service_; }
    [[nodiscard]] Crew& crew() { return crew_; }
    void finish() {
        crew_.wait_until_sent(100);
        crew_.expect_all_run();
        crew_.stop_senders();
        crew_.stop_consumers();
    }

  private:
    Stage(std::unique_ptr<WatchedStore> store, std::uint32_t seed)
        : store_(*store),
          service_(std::move(store)),
          crew_(service_, seed, {.workers = 4, .keeps_order = false, .mischief = {}}) {}

    WatchedStore& store_;
    Service service_;
    Crew crew_;
};

TEST(Failover, LosesNothingThatAReplicaHas) {
    Stage stage(1);
    const auto until = std::chrono::steady_clock::now() + soak(std::chrono::seconds(0));
    do {
        stage.crew().wait_until_sent(100);
        stage.store().kill_master();
        stage.store().wait_for_promotion();
        stage.store().start_replica();
    } while (std::chrono::steady_clock::now() < until);
    stage.finish();
    const Account account(stage.service());
    account.print();
    account.expect_nothing_lost();
    EXPECT_EQ(stage.service().logged("were trimmed"), 0U) << "a false alarm";
}

TEST(Failover, WhatTheReplicaDidNotHaveIsSaid) {
    Stage stage(0);
    stage.crew().wait_until_sent(100);
    WatchedStore& store = stage.store();
    store.replica().pause();
    static_cast<void>(store.master().ask("CLIENT KILL TYPE replica"));
    stage.crew().wait_until_sent(50);
    store.kill_master();
    store.replica().resume();
    store.wait_for_promotion();
    stage.finish();
    const Account account(stage.service());
    account.print();
    account.expect_stored_is_handled();
    EXPECT_FALSE(account.lost().empty()) << "the replica had everything";
    EXPECT_GT(stage.service().logged("Redis lost events of topic logins that it had confirmed"), 0U);
}

}  // namespace

}  // namespace eventbus::faults
