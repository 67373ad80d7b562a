#include "eventbus/redis/socket_bio.hpp"

#include <sys/socket.h>

#include <cerrno>
#include <cstdint>
#include <new>

namespace eventbus::redis {

namespace {

int socket_of(BIO* bio) { return static_cast<int>(reinterpret_cast<std::intptr_t>(::BIO_get_data(bio))); }

bool passes(int error) { return error == EAGAIN || error == EINTR; }

int send_some(BIO* bio, const char* bytes, int size) {
    ::BIO_clear_retry_flags(bio);
    const ssize_t sent = ::send(socket_of(bio), bytes, static_cast<std::size_t>(size), MSG_NOSIGNAL);
    if (sent < 0 && passes(errno)) ::BIO_set_retry_write(bio);
    return static_cast<int>(sent);
}

int receive_some(BIO* bio, char* room, int size) {
    ::BIO_clear_retry_flags(bio);
    const ssize_t got = ::recv(socket_of(bio), room, static_cast<std::size_t>(size), 0);
    if (got < 0 && passes(errno)) ::BIO_set_retry_read(bio);
    if (got == 0) ::BIO_set_flags(bio, BIO_FLAGS_IN_EOF);
    return static_cast<int>(got);
}

long control(BIO* bio, int command, long /*number*/, void* /*pointer*/) {
    if (command == BIO_CTRL_FLUSH) return 1;
    if (command == BIO_CTRL_EOF) return ::BIO_test_flags(bio, BIO_FLAGS_IN_EOF) != 0 ? 1 : 0;
    return 0;
}

BIO_METHOD* make_method() {
    BIO_METHOD* const made = ::BIO_meth_new(::BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "eventbus socket");
    if (made == nullptr) throw std::bad_alloc();
    ::BIO_meth_set_write(made, send_some);
    ::BIO_meth_set_read(made, receive_some);
    ::BIO_meth_set_ctrl(made, control);
    return made;
}

}  // namespace

Bio make_socket_bio(int socket) {
    // Never freed: connections of static lifetime may use it while the process ends.
    static const BIO_METHOD* const method = make_method();
    Bio bio(::BIO_new(method));
    if (!bio) throw std::bad_alloc();
    ::BIO_set_data(bio.get(), reinterpret_cast<void*>(static_cast<std::intptr_t>(socket)));
    ::BIO_set_init(bio.get(), 1);
    return bio;
}

}  // namespace eventbus::redis
