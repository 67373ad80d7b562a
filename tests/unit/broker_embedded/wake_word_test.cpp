#include "eventbus/broker/embedded/wake_word.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <thread>

#include "eventbus/event/error.hpp"
#include "temporary_directory.hpp"

namespace eventbus::embedded {

namespace {

using Clock = std::chrono::steady_clock;
constexpr std::chrono::seconds patience{30};

TEST(WakeWord, CountsForAllWhoMapIt) {
    const TemporaryDirectory directory;
    WakeWord one(directory.file("bus"));
    const WakeWord two(directory.file("bus"));
    const std::uint32_t before = two.value();
    one.ring();
    EXPECT_EQ(two.value(), before + 1);
    EXPECT_EQ(two.membership(), 0U);
    one.ring_membership();
    EXPECT_EQ(two.value(), before + 2);
    EXPECT_EQ(two.membership(), 1U);
}

TEST(WakeWord, WakesWhoWaits) {
    const TemporaryDirectory directory;
    WakeWord ringer(directory.file("bus"));
    WakeWord waiter(directory.file("bus"));
    const std::uint32_t seen = waiter.value();
    std::jthread other([&] {
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
        ringer.ring();
    });
    const auto begin = Clock::now();
    waiter.wait(seen, patience);
    EXPECT_LT(Clock::now() - begin, patience);
    EXPECT_NE(waiter.value(), seen);
}

TEST(WakeWord, DoesNotWaitForWhatHasHappened) {
    const TemporaryDirectory directory;
    WakeWord word(directory.file("bus"));
    const std::uint32_t seen = word.value();
    word.ring();
    const auto begin = Clock::now();
    word.wait(seen, patience);
    word.wait(word.value(), std::chrono::nanoseconds(0));
    word.wait(word.value(), std::chrono::nanoseconds(-1));
    EXPECT_LT(Clock::now() - begin, patience);
}

TEST(WakeWord, TakesAFileThatIsTooShort) {
    const TemporaryDirectory directory;
    std::ofstream(directory.file("bus-wake")) << "x";
    WakeWord word(directory.file("bus"));
    const std::uint32_t before = word.value();
    word.ring();
    EXPECT_EQ(word.value(), before + 1);
}

TEST(WakeWord, SaysWhichFileItCannotMake) {
    const TemporaryDirectory directory;
    EXPECT_THROW(WakeWord(directory.file("missing/bus")), BrokerError);
}

}  // namespace

}  // namespace eventbus::embedded
