#include <gtest/gtest.h>

#include <cstdio>
#include <map>
#include <random>
#include <set>
#include <thread>
#include <unordered_map>
#include <unordered_set>

#include "journal.hpp"
#include "scene.hpp"
#include "store.hpp"

namespace eventbus::faults {

namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr std::size_t senders = 2;
constexpr std::size_t consumers = 3;

/// A scene on the store that this program is for.
class Stage : public Scene {
  public:
    Stage() : store_(make_store(stores().front(), directory())) { lead_to(store_->address()); }

    [[nodiscard]] std::uint64_t lag() const { return store_->lag(topic().str(), "group"); }
    [[nodiscard]] std::vector<std::string> stored_ids() const {
        std::vector<std::string> ids;
        for (const StoredRecord& record : store_->records(topic().str()))
            ids.push_back(record.payload.substr(0, record.payload.find(' ')));
        return ids;
    }
    [[nodiscard]] std::string integrity() const { return store_->integrity(); }

  private:
    std::unique_ptr<Store> store_;
};

/// Peers in their places: who is killed is followed by another that goes on under a new name.
class Cast {
  public:
    Cast(const Stage& scene, std::uint32_t seed) : scene_(scene), random_(seed) {
        for (std::size_t i = 0; i < senders + consumers; ++i) peers_.push_back(start(i));
    }

    milliseconds next_pause() { return milliseconds(pick(5, 150)); }

    void kill_one() {
        const std::size_t place = pick(0, senders + consumers - 1);
        EXPECT_TRUE(peers_[place].is_running())
            << "peer " << place << " gave up by itself, wait status " << peers_[place].status();
        peers_[place].kill();
        ++killed_;
        peers_[place] = start(place);
    }

    void stop_senders() { stop(0, senders); }
    void stop_consumers() { stop(senders, senders + consumers); }
    [[nodiscard]] int killed() const { return killed_; }

  private:
    std::size_t pick(std::size_t from, std::size_t to) {
        return std::uniform_int_distribution<std::size_t>(from, to)(random_);
    }

    Process start(std::size_t place) {
        const std::string name = std::to_string(started_++);
        if (place >= senders) return scene_.start_consumer(name, pick(5, 200));
        return scene_.start_sender(name, {.count = UINT32_MAX,
                                          .batch = pick(1, 60),
                                          .enqueues = pick(0, 1) == 1,
                                          .pause = milliseconds(6)});
    }

    void stop(std::size_t from, std::size_t to) {
        for (std::size_t i = from; i < to; ++i) EXPECT_EQ(peers_[i].stop(), 0);
    }

    const Stage& scene_;
    std::mt19937 random_;
    std::vector<Process> peers_;
    int started_ = 0;
    int killed_ = 0;
};

void wait_until_all_is_handled(const Stage& scene) {
    const auto deadline = Clock::now() + std::chrono::minutes(2);
    while (scene.lag() > 0 && Clock::now() < deadline) std::this_thread::sleep_for(milliseconds(100));
    EXPECT_EQ(scene.lag(), 0U);
}

/// Events that come for the first time come in the order of their partition, and so of their key.
void expect_order(const std::vector<Entry>& received) {
    std::unordered_set<std::string> seen;
    std::map<std::int32_t, Offset> last;
    std::map<std::pair<std::string, std::string>, std::int64_t> last_of_key;
    for (const Entry& entry : received) {
        if (!seen.insert(entry.id).second) continue;
        const auto [place, is_first] = last.try_emplace(entry.partition, entry.offset);
        EXPECT_TRUE(is_first || place->second < entry.offset)
            << "in partition " << entry.partition << ", " << entry.id << " came too late";
        place->second = entry.offset;
        const auto [number, is_new] = last_of_key.try_emplace({entry.sender(), entry.key}, entry.number());
        EXPECT_TRUE(is_new || number->second < entry.number()) << entry.id << " of " << entry.key;
        number->second = entry.number();
    }
}

/// What one member gets of a partition comes in order, and nothing twice.
void expect_order_by_member(const Stage& scene) {
    for (const auto& file : std::filesystem::directory_iterator(scene.directory())) {
        if (file.path().filename().string().rfind("received-", 0) != 0) continue;
        std::map<std::int32_t, Offset> last;
        for (const Entry& entry : read_journal(file.path())) {
            const auto [place, is_first] = last.try_emplace(entry.partition, entry.offset);
            EXPECT_TRUE(is_first || place->second < entry.offset)
                << file.path().filename() << ": " << entry.id << " in partition " << entry.partition;
            place->second = entry.offset;
        }
    }
}

void check(const Stage& scene, int killed) {
    const auto sent = read_journals(scene.directory(), "sent-");
    const auto received = read_journals(scene.directory(), "received-");
    std::unordered_map<std::string, int> times;
    for (const Entry& entry : received) ++times[entry.id];
    for (const Entry& entry : sent) EXPECT_TRUE(times.contains(entry.id)) << entry.id << " is lost";

    const auto stored = scene.stored_ids();
    const std::unordered_set<std::string> distinct(stored.begin(), stored.end());
    EXPECT_EQ(distinct.size(), stored.size()) << "an event is stored twice";
    for (const auto& [id, count] : times) EXPECT_TRUE(distinct.contains(id)) << id << " came from nowhere";
    EXPECT_EQ(times.size(), distinct.size());

    expect_order(received);
    expect_order_by_member(scene);
    EXPECT_EQ(scene.integrity(), "ok");
    EXPECT_GT(sent.size(), 1000U) << "hardly anything was sent";
    std::printf(
        "%d processes killed; %zu events acknowledged to their senders, %zu stored, "
        "%zu received again after a death\n",
        killed, sent.size(), stored.size(), received.size() - times.size());
}

TEST(Killed, SendersAndConsumersAgainAndAgain) {
    const std::uint32_t seed = chosen_seed();
    const Stage scene;
    int killed = 0;
    {
        Cast cast(scene, seed);
        const auto until = Clock::now() + soak(std::chrono::seconds(20));
        while (Clock::now() < until) {
            std::this_thread::sleep_for(cast.next_pause());
            cast.kill_one();
        }
        cast.stop_senders();
        wait_until_all_is_handled(scene);
        cast.stop_consumers();
        killed = cast.killed();
    }
    check(scene, killed);
}

TEST(Killed, EverybodyAtOnce) {
    const std::uint32_t seed = chosen_seed();
    const Stage scene;
    std::mt19937 random(seed);
    const int rounds = 15;
    for (int round = 0; round < rounds; ++round) {
        const std::string name = std::to_string(round);
        std::vector<Process> all;
        all.push_back(
            scene.start_sender(name, {.count = UINT32_MAX, .batch = 40, .enqueues = round % 2 == 0}));
        all.push_back(scene.start_consumer(name, 100));
        std::this_thread::sleep_for(milliseconds(std::uniform_int_distribution<int>(20, 250)(random)));
        for (Process& process : all) EXPECT_TRUE(process.is_running());
        for (Process& process : all) process.kill();
        EXPECT_EQ(scene.integrity(), "ok");
    }
    Process heir = scene.start_consumer("heir", 1000);
    wait_until_all_is_handled(scene);
    EXPECT_EQ(heir.stop(), 0);
    check(scene, 2 * rounds);
}

}  // namespace

}  // namespace eventbus::faults
