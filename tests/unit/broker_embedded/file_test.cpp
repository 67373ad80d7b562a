#include "eventbus/broker/embedded/file.hpp"

#include <gtest/gtest.h>

#include <barrier>
#include <thread>
#include <vector>

#include "temporary_directory.hpp"

namespace eventbus::embedded {
namespace {

// They would take it for a file of another program if they saw a part of its making.
TEST(File, IsMadeOnceByAllWhoOpenItAtTheSameMoment) {
    const TemporaryDirectory directory;
    constexpr int openers = 4;
    for (int round = 0; round < 50; ++round) {
        const std::string path = directory.file(("events" + std::to_string(round)).c_str());
        std::barrier begin(openers);
        std::vector<std::jthread> threads;
        for (int i = 0; i < openers; ++i) {
            threads.emplace_back([&] {
                begin.arrive_and_wait();
                try {
                    auto connection = open_file(path, sqlite::Sync::off, std::chrono::seconds(30));
                    sqlite::Statement count = connection->prepare("SELECT count(*) FROM topics");
                    EXPECT_TRUE(count.next());
                } catch (const std::exception& error) {
                    ADD_FAILURE() << error.what();
                }
            });
        }
    }
}

}  // namespace
}  // namespace eventbus::embedded
