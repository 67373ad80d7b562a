#include <gtest/gtest.h>
#include <sqlite3.h>

#include <cstdio>
#include <fstream>
#include <map>
#include <memory>
#include <random>
#include <stdexcept>
#include <thread>

#include "eventbus/bus/inbox.hpp"
#include "scene.hpp"

namespace eventbus::faults {

namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr std::size_t consumers = 3;

using Counts = std::map<std::string, int>;

/// A bus with consumers that have an inbox, and one sender.
class InboxScene {
  public:
    explicit InboxScene(std::string use) : use_(std::move(use)) {
        scene_.broker()->admin()->create_topic(scene_.topic(), {6, {}});
        static_cast<void>(make_inbox(InboxOptions{.path = inbox()}));
        run("CREATE TABLE effects(event TEXT)", nullptr);
    }

    [[nodiscard]] Process start_consumer(std::size_t most) const {
        return Process({EVENTBUS_FAULTS_INBOX_PEER, scene_.bus().string(), scene_.topic().str(), "group",
                        inbox(), use_, std::to_string(most), file("effects"), file("passed")});
    }
    [[nodiscard]] const Scene& scene() const { return scene_; }

    /// How often each event had its effect.
    [[nodiscard]] Counts effects() const {
        Counts counts = lines("effects");
        run("SELECT event FROM effects", &counts);
        return counts;
    }
    /// How often each event was passed over, as it was finished.
    [[nodiscard]] Counts passed() const { return lines("passed"); }
    [[nodiscard]] std::string integrity() const {
        Counts answer;
        run("PRAGMA integrity_check", &answer);
        return answer.empty() ? "nothing" : answer.begin()->first;
    }

    [[nodiscard]] bool waits_for_the_disk() const { return use_ == "transaction"; }

  private:
    [[nodiscard]] std::string file(const std::string& name) const {
        return (scene_.directory() / name).string();
    }
    [[nodiscard]] std::string inbox() const { return file("inbox.db"); }

    [[nodiscard]] Counts lines(const std::string& name) const {
        Counts counts;
        std::ifstream in(file(name));
        for (std::string line; std::getline(in, line);) ++counts[line];
        return counts;
    }

    void run(const std::string& sql, Counts* rows) const {
        sqlite3* opened = nullptr;
        const int code = sqlite3_open_v2(inbox().c_str(), &opened, SQLITE_OPEN_READWRITE, nullptr);
        const std::unique_ptr<sqlite3, int (*)(sqlite3*)> connection(opened, sqlite3_close);
        if (code != SQLITE_OK) throw std::runtime_error(sqlite3_errmsg(opened));
        sqlite3_busy_timeout(opened, 60'000);
        const auto count = [](void* to, int, char** columns, char**) {
            if (to != nullptr) ++(*static_cast<Counts*>(to))[columns[0]];
            return 0;
        };
        if (sqlite3_exec(opened, sql.c_str(), count, rows, nullptr) != SQLITE_OK)
            throw std::runtime_error(sqlite3_errmsg(opened));
    }

    Scene scene_;
    std::string use_;
};

/// Kills consumers at random for a while, lets the last ones finish, and returns how many were killed.
int kill_again_and_again(const InboxScene& inbox, std::chrono::seconds time) {
    std::mt19937 random(chosen_seed());
    const auto pick = [&](std::size_t from, std::size_t to) {
        return std::uniform_int_distribution<std::size_t>(from, to)(random);
    };
    Process sender = inbox.scene().start_sender(
        "sender", {.count = UINT32_MAX, .batch = 20, .enqueues = false, .pause = milliseconds(40)});
    std::vector<Process> peers;
    for (std::size_t i = 0; i < consumers; ++i) peers.push_back(inbox.start_consumer(pick(1, 100)));
    int killed = 0;
    const auto until = Clock::now() + time;
    while (Clock::now() < until) {
        std::this_thread::sleep_for(milliseconds(pick(2, 120)));
        Process& peer = peers[pick(0, consumers - 1)];
        EXPECT_TRUE(peer.is_running()) << "a consumer gave up by itself";
        peer.kill();
        ++killed;
        peer = inbox.start_consumer(pick(1, 100));
    }
    EXPECT_EQ(sender.stop(), 0);
    const auto deadline = Clock::now() + std::chrono::minutes(2);
    while (inbox.scene().lag() > 0 && Clock::now() < deadline) std::this_thread::sleep_for(milliseconds(50));
    EXPECT_EQ(inbox.scene().lag(), 0U);
    for (Process& peer : peers) EXPECT_EQ(peer.stop(), 0);
    return killed;
}

/// Returns how often an event had its effect beyond the first time.
int count_repeated(const InboxScene& inbox, int killed) {
    const Counts effects = inbox.effects();
    const auto stored = inbox.scene().stored_ids();
    for (const std::string& id : stored) EXPECT_TRUE(effects.contains(id)) << id << " had no effect";
    EXPECT_EQ(effects.size(), stored.size());
    EXPECT_GT(stored.size(), 500U) << "hardly anything was sent";
    EXPECT_EQ(inbox.integrity(), "ok");
    int repeated = 0;
    for (const auto& [id, count] : effects) repeated += count - 1;
    int passed = 0;
    for (const auto& [id, count] : inbox.passed()) passed += count;
    // Notes that do not wait for the disk are so quick that kills may miss all that is not acknowledged.
    EXPECT_TRUE(passed > 0 || !inbox.waits_for_the_disk())
        << "no event was handed out again: the kills showed nothing";
    std::printf("%d consumers killed; %zu events, %d handed out again and passed over, %d effects repeated\n",
                killed, stored.size(), passed, repeated);
    return repeated;
}

TEST(InboxKilled, InItsTransactionEachEffectIsThereExactlyOnce) {
    const InboxScene inbox("transaction");
    const int killed = kill_again_and_again(inbox, soak(std::chrono::seconds(12)));
    EXPECT_EQ(count_repeated(inbox, killed), 0);
}

TEST(InboxKilled, WithoutItOnlyAKillBetweenHandlerAndNoteRepeatsAnEffect) {
    const InboxScene inbox("remember");
    const int killed = kill_again_and_again(inbox, soak(std::chrono::seconds(8)));
    EXPECT_LE(count_repeated(inbox, killed), killed);
}

}  // namespace

}  // namespace eventbus::faults
