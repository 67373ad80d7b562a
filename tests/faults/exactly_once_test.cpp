#include <gtest/gtest.h>

#include <map>
#include <thread>
#include <unordered_map>

#include "journal.hpp"
#include "scene.hpp"

namespace eventbus::faults {

namespace {

constexpr std::uint64_t events_of_sender = 50'000;

/// Each event once; those of a sender and key in the order of sending, whoever received them.
void expect_each_once_in_order(const std::vector<Entry>& received) {
    std::unordered_map<std::string, int> times;
    std::map<std::pair<std::string, std::string>, std::int64_t> last;
    for (const Entry& entry : received) {
        EXPECT_EQ(++times[entry.id], 1) << entry.id << " came again";
        const auto place = std::pair(entry.sender(), entry.key);
        const auto before = last.find(place);
        if (before != last.end()) {
            EXPECT_LT(before->second, entry.number()) << "of " << entry.sender() << " and " << entry.key;
        }
        last[place] = entry.number();
    }
    EXPECT_EQ(times.size(), 2 * events_of_sender);
}

void run_round() {
    const Scene scene;
    scene.broker()->admin()->create_topic(scene.topic(), {8, {}});
    std::vector<Process> consumers;
    std::vector<std::filesystem::path> journals;
    for (const std::string name : {"0", "1", "2"}) {
        consumers.push_back(scene.start_consumer(name, 500));
        journals.push_back(scene.directory() / ("received-" + name));
    }
    std::vector<Process> senders;
    senders.push_back(scene.start_sender("batches", {.count = events_of_sender, .batch = 100}));
    senders.push_back(
        scene.start_sender("queue", {.count = events_of_sender, .batch = 50, .enqueues = true}));
    for (Process& sender : senders) ASSERT_EQ(sender.wait(), 0);

    JournalCounter received(journals);
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::minutes(3);
    while (received.count() < 2 * events_of_sender && std::chrono::steady_clock::now() < deadline)
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    // Whatever comes twice would come about now.
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    for (Process& consumer : consumers) EXPECT_EQ(consumer.stop(), 0);

    expect_each_once_in_order(read_journals(scene.directory(), "received-"));
    EXPECT_EQ(read_journals(scene.directory(), "sent-").size(), 2 * events_of_sender);
    for (const auto& journal : journals)
        EXPECT_GT(std::filesystem::file_size(journal), 0U) << journal << ": a consumer got nothing";
    EXPECT_EQ(scene.lag(), 0U);
    EXPECT_EQ(scene.integrity(), "ok");
}

TEST(ExactlyOnce, TwoSendersThreeConsumersAndNobodyDies) {
    const auto until = std::chrono::steady_clock::now() + soak(std::chrono::seconds(0));
    do run_round();
    while (!testing::Test::HasFailure() && std::chrono::steady_clock::now() < until);
}

}  // namespace

}  // namespace eventbus::faults
