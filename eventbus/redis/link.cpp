#include "eventbus/redis/link.hpp"

#include <utility>

#include "eventbus/event/forks.hpp"

namespace eventbus::redis {

Link::Link(ConnectOptions options) : options_(std::move(options)), generation_(fork_generation()) {}

Link::~Link() {
    if (generation_ != fork_generation()) abandon();
}

// Another thread of the parent may have been in the midst of using it: the rest of it is left alone.
void Link::abandon() noexcept {
    if (connection_) connection_->abandon();
    static_cast<void>(connection_.release());
}

void Link::close() noexcept { put(nullptr); }

void Link::put(std::unique_ptr<Connection> connection) noexcept {
    const NoFork no_fork;
    connection_.swap(connection);
}

Connection& Link::connection() {
    if (generation_ != fork_generation()) {
        abandon();
        generation_ = fork_generation();
    }
    if (connection_ && connection_->owed() == 0 && connection_->is_closed()) close();
    if (!connection_) {
        put(std::make_unique<Connection>(options_));
        ++openings_;
    }
    return *connection_;
}

}  // namespace eventbus::redis
