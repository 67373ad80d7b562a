#include <gtest/gtest.h>

#include <random>
#include <thread>

#include "account.hpp"
#include "crew.hpp"
#include "distant_store.hpp"
#include "tests/servers/proxy.hpp"

namespace eventbus::faults {

namespace {

using Clock = std::chrono::steady_clock;
using servers::Proxy;
using std::chrono::microseconds;
using std::chrono::milliseconds;

constexpr std::chrono::seconds short_run{8};

/// A service on the far side of a network, and what happens to the network.
class Stage {
  public:
    Stage() : Stage(make_distant_store(), chosen_seed()) {}

    [[nodiscard]] Proxy& network() { return network_; }
    [[nodiscard]] bool leaves_doubts() const { return leaves_doubts_; }
    [[nodiscard]] const Service& service() const { return service_; }
    [[nodiscard]] Crew& crew() { return crew_; }
    [[nodiscard]] int pick(int from, int to) { return std::uniform_int_distribution<int>(from, to)(random_); }

    /// Calls `work` again and again, with pauses.
    template <class Work>
    void again_and_again(const Work& work) {
        crew_.wait_until_sent(50);
        const auto until = Clock::now() + soak(short_run);
        while (Clock::now() < until) {
            work();
            std::this_thread::sleep_for(milliseconds(pick(50, 600)));
        }
    }
    /// On a network that is well again.
    void finish() {
        network_.heal();
        network_.hold(false);
        network_.refuse(false);
        crew_.wait_until_sent(200);
        crew_.expect_all_run();
        crew_.stop_senders();
        crew_.stop_consumers();
        const Account account(service_);
        account.print();
        account.expect_nothing_lost();
    }

  private:
    Stage(DistantStore distant, std::uint32_t seed)
        : network_(*distant.network),
          leaves_doubts_(distant.leaves_doubts),
          service_(std::move(distant.store)),
          random_(seed),
          crew_(service_, seed, {.workers = 4, .keeps_order = false, .mischief = {"throw:30"}}) {}

    Proxy& network_;
    bool leaves_doubts_;
    Service service_;
    std::mt19937 random_;
    Crew crew_;
};

TEST(NetworkFaults, ASlowOneDelivers) {
    Stage stage;
    stage.network().delay(milliseconds(30));
    stage.crew().wait_until_sent(50);
    stage.network().drip(64, microseconds(100));
    stage.crew().wait_until_sent(50);
    stage.finish();
    EXPECT_EQ(stage.service().logged("is not stored"), 0U) << "slow is not broken";
}

TEST(NetworkFaults, CutAnywhereItLosesNothing) {
    Stage stage;
    stage.again_and_again([&] {
        const auto direction =
            stage.pick(0, 1) == 0 ? Proxy::Direction::to_server : Proxy::Direction::to_client;
        stage.network().cut_after(direction, static_cast<std::size_t>(stage.pick(0, 3'000)));
    });
    stage.finish();
    if (stage.leaves_doubts()) {
        EXPECT_GT(stage.service().logged("Whether the event is stored is not known"), 0U);
    }
}

TEST(NetworkFaults, HeldForLongerThanTimeOutsItLosesNothing) {
    Stage stage;
    stage.again_and_again([&] {
        stage.network().hold(true);
        std::this_thread::sleep_for(milliseconds(stage.pick(100, 2'500)));
        stage.network().hold(false);
    });
    stage.finish();
}

TEST(NetworkFaults, AllFaultsAtRandom) {
    Stage stage;
    stage.again_and_again([&] {
        Proxy& network = stage.network();
        const auto some = static_cast<std::size_t>(stage.pick(1, 2'000));
        switch (stage.pick(0, 6)) {
            case 0:
                return network.delay(milliseconds(stage.pick(1, 60)));
            case 1:
                return network.drip(some, microseconds(stage.pick(1, 300)));
            case 2:
                network.refuse(true);
                std::this_thread::sleep_for(milliseconds(stage.pick(10, 700)));
                return network.refuse(false);
            case 3:
                network.hold(true);
                std::this_thread::sleep_for(milliseconds(stage.pick(10, 1'800)));
                return network.hold(false);
            case 4:
                return network.cut();
            case 5:
                return network.cut_after(Proxy::Direction::to_client, some);
            default:
                return network.heal();
        }
    });
    stage.finish();
}

}  // namespace

}  // namespace eventbus::faults
