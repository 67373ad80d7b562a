#include "eventbus/event/uuid.hpp"

#include <gmock/gmock.h>
#include <sys/wait.h>
#include <unistd.h>

#include <mutex>
#include <set>
#include <thread>
#include <vector>

#include "eventbus/event/error.hpp"

namespace eventbus {
namespace {

constexpr std::string_view text = "3fa85f64-5717-4562-b3fc-2c963f66afa6";

TEST(Uuid, ReadsWhatPythonReads) {
    for (const std::string_view form :
         {"3fa85f64-5717-4562-b3fc-2c963f66afa6", "3FA85F64-5717-4562-B3FC-2C963F66AFA6",
          "3fa85f6457174562b3fc2c963f66afa6", "{3fa85f64-5717-4562-b3fc-2c963f66afa6}",
          "urn:uuid:3fa85f64-5717-4562-b3fc-2c963f66afa6", "3fa85f6457174562b3fc2c963f66afa6-",
          "3-f-a-85f6457174562b3fc2c963f66afa6"})
        EXPECT_EQ(Uuid::parse(form).to_string(), text) << form;
}

TEST(Uuid, RefusesWhatIsNone) {
    for (const std::string_view form :
         {"", "-", "3fa85f64-5717-4562-b3fc-2c963f66afa", "3fa85f64-5717-4562-b3fc-2c963f66afa60",
          "3fa85f64-5717-4562-b3fc-2c963f66afag", "3fa85f64 5717-4562-b3fc-2c963f66afa6"})
        EXPECT_THROW(static_cast<void>(Uuid::parse(form)), InvalidValue) << form;
    EXPECT_THROW(static_cast<void>(Uuid::parse(std::string(1000, '-'))), InvalidValue);
}

TEST(Uuid, DefaultIsNil) { EXPECT_EQ(Uuid{}.to_string(), "00000000-0000-0000-0000-000000000000"); }

TEST(Uuid, OfAnEventIsTimeBasedWithARandomNode) {
    const auto bytes = Uuid::make_v1().bytes();
    EXPECT_EQ(bytes[6] >> 4, 1);
    EXPECT_EQ(bytes[8] >> 6, 2);
    EXPECT_EQ(bytes[10] & 1, 1);
}

TEST(Uuid, IsNeverTheSameTwiceInThreads) {
    std::mutex mutex;
    std::set<Uuid> all;
    constexpr std::size_t each = 20'000;
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i)
        threads.emplace_back([&] {
            std::vector<Uuid> mine;
            for (std::size_t made = 0; made < each; ++made) mine.push_back(Uuid::make_v1());
            const std::lock_guard lock(mutex);
            all.insert(mine.begin(), mine.end());
        });
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(all.size(), 4 * each);
}

TEST(Uuid, IsAnotherInAChildProcess) {
    // The parent's origin is drawn before the fork, so that a child that kept it would go on with the same
    // node.
    const Uuid before = Uuid::make_v1();
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
        const std::string made = Uuid::make_v1().to_string();
        ::_exit(::write(ends[1], made.data(), made.size()) == 36 ? 0 : 1);
    }
    ::close(ends[1]);
    std::string made(36, '\0');
    ASSERT_EQ(::read(ends[0], made.data(), made.size()), 36);
    ::close(ends[0]);
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
    const auto node = [](const Uuid& id) { return id.to_string().substr(24); };
    EXPECT_NE(node(Uuid::parse(made)), node(before));
    EXPECT_EQ(node(Uuid::make_v1()), node(before));
}

}  // namespace
}  // namespace eventbus
