#include "eventbus/broker/redis/subscription.hpp"

#include <algorithm>
#include <utility>

#include "eventbus/broker/redis/group_member.hpp"
#include "eventbus/event/error.hpp"
#include "eventbus/event/forks.hpp"

namespace eventbus::redis_streams {

namespace {

void keep_each_once(std::vector<TopicName>& topics) {
    std::vector<TopicName> once;
    for (TopicName& topic : topics)
        if (std::ranges::find(once, topic) == once.end()) once.push_back(std::move(topic));
    topics = std::move(once);
}

SubscribeOptions checked(SubscribeOptions what) {
    if (what.topics.empty()) throw InvalidValue("a subscription needs at least one topic");
    if (what.prefetch == 0) throw InvalidValue("a subscription needs a prefetch of at least 1");
    keep_each_once(what.topics);
    keep_each_once(what.besides);
    return what;
}

}  // namespace

RedisSubscription::RedisSubscription(std::shared_ptr<const Options> options, SubscribeOptions what)
    : options_(std::move(options)),
      what_(checked(std::move(what))),
      member_(std::make_unique<GroupMember>(*options_, what_, wake_up_)),
      generation_(fork_generation()) {
    member_->join(what_.reset);
}

RedisSubscription::~RedisSubscription() {
    if (generation_ != fork_generation()) {
        member_->abandon();
        static_cast<void>(member_.release());
        return;
    }
    try {
        close();
    } catch (const std::exception& error) {
        options_->write_log(LogLevel::warning,
                            std::string("a member did not leave its group in order, others will "
                                        "notice: ") +
                                error.what());
    }
}

// The parent's member, its thread and its locks are its own: the child leaves them alone.
GroupMember& RedisSubscription::member() {
    if (generation_ == fork_generation()) return *member_;
    const Turn turn(starting_);
    if (generation_ == fork_generation()) return *member_;
    member_->abandon();
    static_cast<void>(member_.release());
    wake_up_.separate();
    member_ = std::make_unique<GroupMember>(*options_, what_, wake_up_);
    generation_ = fork_generation();
    return *member_;
}

std::vector<ReceivedEvent> RedisSubscription::poll(std::size_t most, std::chrono::milliseconds limit) {
    if (closed_) throw BrokerError("the subscription is closed", false);
    GroupMember& member = this->member();
    const redis::Deadline deadline = redis::in(limit);
    for (;;) {
        wake_up_.clear();
        if (woken_.exchange(false)) return {};
        std::vector<ReceivedEvent> events = member.read(most, deadline);
        if (!events.empty() || std::chrono::steady_clock::now() >= deadline) return events;
    }
}

void RedisSubscription::acknowledge(std::span<const Receipt> receipts) {
    if (!closed_) member().acknowledge(receipts);
}

void RedisSubscription::wake() noexcept {
    woken_ = true;
    wake_up_.call();
}

std::vector<PartitionLag> RedisSubscription::lag() {
    if (closed_) return {};
    return member().lag();
}

void RedisSubscription::close() {
    if (closed_.exchange(true)) return;
    member().leave();
}

}  // namespace eventbus::redis_streams
