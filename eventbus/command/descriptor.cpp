#include "eventbus/command/descriptor.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

namespace eventbus {

namespace {

[[noreturn]] void fail(const char* what) { throw std::system_error(errno, std::generic_category(), what); }

// Above the standard streams, so that none of them is overwritten when a child's streams are put in place.
Descriptor above_standard_streams(Descriptor descriptor) {
    constexpr int first = 3;
    if (descriptor.get() >= first) return descriptor;
    const int moved = ::fcntl(descriptor.get(), F_DUPFD_CLOEXEC, first);
    if (moved < 0) fail("a file descriptor cannot be made");
    return Descriptor(moved);
}

}  // namespace

void Descriptor::close() noexcept {
    if (number_ >= 0) static_cast<void>(::close(std::exchange(number_, -1)));
}

Pipe make_pipe() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) fail("a pipe cannot be made");
    Pipe pipe{Descriptor(ends[0]), Descriptor(ends[1])};
    pipe.read_end = above_standard_streams(std::move(pipe.read_end));
    pipe.write_end = above_standard_streams(std::move(pipe.write_end));
    return pipe;
}

void stop_blocking(const Descriptor& descriptor) {
    const int flags = ::fcntl(descriptor.get(), F_GETFL);
    if (flags < 0 || ::fcntl(descriptor.get(), F_SETFL, flags | O_NONBLOCK) != 0)
        fail("a file descriptor cannot be made non-blocking");
}

}  // namespace eventbus
