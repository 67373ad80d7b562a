#include "eventbus/broker/embedded/wake_word.hpp"

#include <fcntl.h>
#include <linux/futex.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstring>
#include <new>

#include "eventbus/event/error.hpp"

namespace eventbus::embedded {

struct WakeWord::Words {
    std::atomic<std::uint32_t> events;
    std::atomic<std::uint32_t> membership;
};

static_assert(std::atomic<std::uint32_t>::is_always_lock_free && sizeof(std::atomic<std::uint32_t>) == 4);

namespace {

constexpr std::size_t page = 4096;

[[noreturn]] void fail(const std::string& path) {
    throw BrokerError(
        "cannot use " + path + ": " + std::strerror(errno) + "; check the directory's permissions and room",
        false);
}

}  // namespace

WakeWord::WakeWord(const std::string& database_path) {
    const std::string path = database_path + "-wake";
    const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR);
    if (file < 0) fail(path);
    struct stat status {};
    // Allocated, not only sized: a full disk must be an error here and not a signal at the first write.
    bool ready = ::fstat(file, &status) == 0;
    if (ready && status.st_size < static_cast<off_t>(page))
        ready = (errno = ::posix_fallocate(file, 0, page)) == 0;
    void* mapped = ready ? ::mmap(nullptr, page, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0) : MAP_FAILED;
    const int reason = errno;
    ::close(file);
    errno = reason;
    if (mapped == MAP_FAILED) fail(path);
    // Other processes are counting in it already, so nothing is set here: a new file is all zeros.
    words_ = static_cast<Words*>(mapped);
}

WakeWord::~WakeWord() { ::munmap(static_cast<void*>(words_), page); }

std::uint32_t WakeWord::value() const noexcept { return words_->events.load(std::memory_order_acquire); }

void WakeWord::ring() noexcept {
    words_->events.fetch_add(1, std::memory_order_acq_rel);
    const int reason = errno;
    ::syscall(SYS_futex, &words_->events, FUTEX_WAKE, INT_MAX, nullptr, nullptr, 0);
    errno = reason;
}

void WakeWord::wait(std::uint32_t seen, std::chrono::nanoseconds limit) noexcept {
    if (limit <= std::chrono::nanoseconds::zero()) return;
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(limit);
    const timespec time{static_cast<time_t>(seconds.count()), static_cast<long>((limit - seconds).count())};
    ::syscall(SYS_futex, &words_->events, FUTEX_WAIT, seen, &time, nullptr, 0);
}

std::uint32_t WakeWord::membership() const noexcept {
    return words_->membership.load(std::memory_order_acquire);
}

void WakeWord::ring_membership() noexcept {
    words_->membership.fetch_add(1, std::memory_order_acq_rel);
    ring();
}

}  // namespace eventbus::embedded
