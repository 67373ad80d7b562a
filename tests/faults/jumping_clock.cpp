// Linked into a program it makes the time of day jump to and fro by an hour, for everything in the process;
// the steady clock goes on as it is.

#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <array>

extern "C" int clock_gettime(clockid_t clock, struct timespec* time) noexcept {
    if (clock != CLOCK_REALTIME) return static_cast<int>(::syscall(SYS_clock_gettime, clock, time));
    struct timespec steady {};
    ::syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &steady);
    const long failed = ::syscall(SYS_clock_gettime, clock, time);
    constexpr std::array<time_t, 5> steps{0, 3600, -3600, 3600, -7200};
    constexpr long tenth = 100'000'000;
    const auto tenths = static_cast<std::size_t>(steady.tv_sec * 10 + steady.tv_nsec / tenth);
    time->tv_sec += steps.at(tenths / 2 % steps.size());
    return static_cast<int>(failed);
}
