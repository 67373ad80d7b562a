#include "eventbus/bus/backoff.hpp"

#include <algorithm>
#include <condition_variable>
#include <mutex>

namespace eventbus {

void Backoff::wait(const std::stop_token& stop) {
    std::mutex mutex;
    std::condition_variable_any never;
    std::unique_lock lock(mutex);
    never.wait_for(lock, stop, next_, [] { return false; });
    next_ = std::max(first_, std::min(next_ * 2, longest));
}

}  // namespace eventbus
