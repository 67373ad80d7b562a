#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <memory>
#include <random>

#include "bus_file.hpp"
#include "eventbus/event/error.hpp"
#include "scene.hpp"

namespace eventbus::faults {

namespace {

using testing::HasSubstr;

void execute(const std::filesystem::path& path, const char* sql) {
    sqlite3* opened = nullptr;
    ASSERT_EQ(sqlite3_open(path.c_str(), &opened), SQLITE_OK);
    const std::unique_ptr<sqlite3, int (*)(sqlite3*)> connection(opened, sqlite3_close);
    ASSERT_EQ(sqlite3_exec(opened, sql, nullptr, nullptr, nullptr), SQLITE_OK) << sqlite3_errmsg(opened);
}

void expect_refused_untouched(const std::filesystem::path& path, const char* hint) {
    const std::string before = bytes_of(path);
    const BusFile bus(path);
    const std::vector<std::function<void()>> uses{
        [&] { static_cast<void>(bus.broker()->publisher()); },
        [&] { static_cast<void>(bus.broker()->admin()); },
        [&] {
            static_cast<void>(bus.broker()->subscribe(
                {.topics = {TopicName("topic")}, .group = GroupName("group"), .reset = {}, .member = {}}));
        }};
    for (const auto& use : uses) {
        const Refusal refusal = refusal_of(use);
        EXPECT_FALSE(refusal.retriable) << refusal.text;
        EXPECT_FALSE(refusal.is_storage_full) << refusal.text;
        EXPECT_THAT(refusal.text, HasSubstr(path.string()));
        EXPECT_THAT(refusal.text, HasSubstr(hint));
    }
    EXPECT_TRUE(bytes_of(path) == before) << path << " was changed";
}

TEST(BrokenFile, ThatIsNoDatabaseIsRefused) {
    const Scene scene;
    const std::vector<std::string> contents{"hello", std::string(100, 'x'), std::string(20'000, '\0'),
                                            std::string("SQLite format 3\0", 16),
                                            "SQLite format 3" + std::string(5000, 'x')};
    for (std::size_t i = 0; i < contents.size(); ++i) {
        const auto path = scene.directory() / ("file-" + std::to_string(i));
        write_bytes(path, contents[i]);
        SCOPED_TRACE(i);
        expect_refused_untouched(path, "EVENT_BUS_EMBEDDED_PATH");
    }
}

TEST(BrokenFile, OfAnotherProgramIsRefused) {
    const Scene scene;
    execute(scene.bus(), "CREATE TABLE theirs(x); INSERT INTO theirs VALUES(1)");
    expect_refused_untouched(scene.bus(), "another program");
    execute(scene.bus(), "PRAGMA application_id = 77");
    expect_refused_untouched(scene.bus(), "EVENT_BUS_EMBEDDED_PATH");
}

TEST(BrokenFile, OfANewerVersionIsRefused) {
    const Scene scene;
    BusFile(scene.bus()).publish("event");
    execute(scene.bus(), "PRAGMA user_version = 999");
    expect_refused_untouched(scene.bus(), "newer version");
}

TEST(BrokenFile, ThatIsADirectoryIsRefused) {
    const Scene scene;
    std::filesystem::create_directory(scene.bus());
    const Refusal refusal = refusal_of([&] { BusFile(scene.bus()).publish("event"); });
    EXPECT_THAT(refusal.text, HasSubstr(scene.bus().string()));
}

TEST(BrokenFile, BelowAFileIsRefused) {
    const Scene scene;
    write_bytes(scene.directory() / "file", "text");
    const auto path = scene.directory() / "file" / "events.db";
    const Refusal refusal = refusal_of([&] { BusFile(path).publish("event"); });
    EXPECT_THAT(refusal.text, HasSubstr((scene.directory() / "file").string()));
}

TEST(BrokenFile, OfNoBytesIsANewBus) {
    const Scene scene;
    write_bytes(scene.bus(), "");
    BusFile(scene.bus()).publish("event");
    EXPECT_EQ(BusFile(scene.bus()).stored(), std::vector<std::string>{"event"});
}

TEST(BrokenFile, HelpersThatCannotBeOpenedAreNamed) {
    for (const char* suffix : {"-wake", "-members"}) {
        const Scene scene;
        const auto path = scene.bus().string() + suffix;
        std::filesystem::create_directory(path);
        const Refusal refusal = refusal_of([&] { BusFile(scene.bus()).use(); });
        EXPECT_THAT(refusal.text, HasSubstr(path));
    }
}

TEST(BrokenFile, HelpersThatAreGoneAreMadeAgain) {
    const Scene scene;
    const BusFile bus(scene.bus());
    bus.publish("before");
    std::filesystem::remove(scene.bus().string() + "-wake");
    std::filesystem::remove(scene.bus().string() + "-members");
    bus.publish("after");
    EXPECT_EQ(bus.stored(), (std::vector<std::string>{"before", "after"}));
}

/// A good file with a few hundred events, all of it in the one file.
std::string good_file() {
    const Scene scene;
    const BusFile bus(scene.bus());
    {
        const auto connection = bus.broker();
        const auto publisher = connection->publisher();
        for (int i = 0; i < 200; ++i)
            BusFile::publish(*publisher,
                             std::to_string(i) + std::string(static_cast<std::size_t>(i) * 10, 'x'));
    }
    static_cast<void>(bus.stored());
    return bytes_of(scene.bus());
}

/// Works, or fails with an error of the library that names the file.
void expect_use_or_refusal(const std::filesystem::path& path, int& refused) {
    try {
        BusFile(path).use();
    } catch (const BrokerError& error) {
        ++refused;
        EXPECT_THAT(error.what(), HasSubstr(path.string()));
    } catch (const std::exception& error) {
        ADD_FAILURE() << "not a BrokerError: " << error.what();
    }
}

TEST(BrokenFile, ThatIsCutOffIsRefusedOrUsable) {
    const std::string good = good_file();
    int refused = 0;
    for (std::size_t part = 1; part < 16; ++part) {
        for (const std::size_t odd : {0U, 1U, 777U}) {
            const Scene scene;
            write_bytes(scene.bus(), good.substr(0, good.size() * part / 16 / 4096 * 4096 + odd));
            SCOPED_TRACE(std::to_string(part) + "/16 and " + std::to_string(odd));
            expect_use_or_refusal(scene.bus(), refused);
        }
    }
    EXPECT_GT(refused, 0);
}

TEST(BrokenFile, WithOtherBytesIsRefusedOrUsable) {
    std::mt19937 random(chosen_seed());
    const std::string good = good_file();
    int refused = 0;
    const auto any = [&](std::size_t below) {
        return std::uniform_int_distribution<std::size_t>(0, below - 1)(random);
    };
    const auto until = std::chrono::steady_clock::now() + soak(std::chrono::seconds(10));
    for (int round = 0; round < 40 || std::chrono::steady_clock::now() < until; ++round) {
        std::string bad = good;
        const std::size_t changes = 1 + any(50);
        const std::size_t width = any(2) == 0 ? bad.size() : 16'384;
        for (std::size_t i = 0; i < changes; ++i)
            bad[any(std::min(width, bad.size()))] = static_cast<char>(any(256));
        const Scene scene;
        write_bytes(scene.bus(), bad);
        SCOPED_TRACE(round);
        expect_use_or_refusal(scene.bus(), refused);
        if (testing::Test::HasFailure()) break;
    }
    EXPECT_GT(refused, 0);
}

TEST(BrokenFile, SaysThatItIsDamagedAndWhatToDo) {
    const std::string good = good_file();
    const Scene scene;
    std::string bad = good;
    std::fill(bad.begin() + 8192, bad.end(), '\x5a');
    write_bytes(scene.bus(), bad);
    const Refusal refusal = refusal_of([&] { BusFile(scene.bus()).use(); });
    EXPECT_FALSE(refusal.retriable);
    EXPECT_THAT(refusal.text, HasSubstr("damaged"));
    EXPECT_THAT(refusal.text, HasSubstr("restore it from a copy"));
}

}  // namespace

}  // namespace eventbus::faults
