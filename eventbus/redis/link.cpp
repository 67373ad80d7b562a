#include "eventbus/redis/link.hpp"

#include <utility>

#include "eventbus/event/forks.hpp"

namespace eventbus::redis {

Link::Link(ConnectOptions options) : options_(std::move(options)), generation_(fork_generation()) {}

Link::~Link() {
    if (generation_ != fork_generation()) abandon();
}

void Link::abandon() noexcept {
    if (connection_) connection_->abandon();
    connection_.reset();
}

Connection& Link::connection() {
    if (generation_ != fork_generation()) {
        abandon();
        generation_ = fork_generation();
    }
    if (connection_ && connection_->owed() == 0 && connection_->is_closed()) connection_.reset();
    if (!connection_) {
        connection_ = std::make_unique<Connection>(options_);
        ++openings_;
    }
    return *connection_;
}

}  // namespace eventbus::redis
