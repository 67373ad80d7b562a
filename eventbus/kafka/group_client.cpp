#include "eventbus/kafka/group_client.hpp"

#include <utility>

namespace eventbus::kafka {

GroupClient::GroupClient(const Client& first, Properties properties, LogSink log)
    : properties_(std::move(properties)),
      log_(std::move(log)),
      client_(std::shared_ptr<const Client>(), &first) {}

std::shared_ptr<const Client> GroupClient::get() const {
    const std::lock_guard lock(mutex_);
    return client_;
}

void GroupClient::renew(const std::shared_ptr<const Client>& stale) {
    auto other = std::make_shared<const Client>(RD_KAFKA_CONSUMER, properties_, log_);
    const std::lock_guard lock(mutex_);
    if (client_ == stale) client_.swap(other);
}

}  // namespace eventbus::kafka
