#include "eventbus/broker/embedded/member_lock.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "eventbus/event/error.hpp"

namespace eventbus::embedded {

namespace {

struct flock byte_lock(short type, std::int64_t member) {
    struct flock lock {};
    lock.l_type = type;
    lock.l_whence = SEEK_SET;
    lock.l_start = member;
    lock.l_len = 1;
    return lock;
}

[[noreturn]] void fail(const std::string& path) {
    throw BrokerError(
        "cannot lock " + path + ": " + std::strerror(errno) + "; the embedded bus needs a local file system",
        false);
}

}  // namespace

MemberLock::MemberLock(const std::string& database_path) : path_(database_path + "-members") {
    const NoFork no_fork;
    file_ = ::open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR);
    if (file_ < 0) fail(path_);
    opened();
}

MemberLock::~MemberLock() {
    const NoFork no_fork;
    closed();
    ::close(file_);
}

void MemberLock::close_in_child() noexcept { ::close(file_); }

void MemberLock::hold(std::int64_t member) {
    struct flock lock = byte_lock(F_WRLCK, member);
    if (::fcntl(file_, F_OFD_SETLK, &lock) != 0) fail(path_);
    held_ = member;
}

void MemberLock::drop() noexcept {
    if (held_ == 0) return;
    struct flock lock = byte_lock(F_UNLCK, held_);
    ::fcntl(file_, F_OFD_SETLK, &lock);
    held_ = 0;
}

bool MemberLock::is_held(std::int64_t member) const {
    struct flock lock = byte_lock(F_WRLCK, member);
    if (::fcntl(file_, F_OFD_GETLK, &lock) != 0) fail(path_);
    return lock.l_type != F_UNLCK;
}

}  // namespace eventbus::embedded
