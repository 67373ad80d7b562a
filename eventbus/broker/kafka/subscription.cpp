#include "eventbus/broker/kafka/subscription.hpp"

#include <algorithm>
#include <utility>

#include "eventbus/event/error.hpp"
#include "eventbus/event/forks.hpp"
#include "eventbus/event/longest_limit.hpp"

namespace eventbus::kafka_topics {

namespace {

SubscribeOptions checked(SubscribeOptions what) {
    if (what.topics.empty()) throw InvalidValue("a subscription needs a topic");
    if (what.prefetch == 0) throw InvalidValue("a subscription needs a prefetch of at least 1");
    return what;
}

}  // namespace

KafkaSubscription::KafkaSubscription(std::shared_ptr<const Options> options, SubscribeOptions what)
    : options_(std::move(options)),
      what_(checked(std::move(what))),
      member_(
          std::make_unique<std::shared_ptr<Member>>(std::make_shared<Member>(options_, what_, wake_up_))) {
    // A child of a fork joins the group as it is.
    what_.reset.reset();
}

KafkaSubscription::~KafkaSubscription() {
    try {
        close();
    } catch (const std::exception& error) {
        options_->write_log(LogLevel::warning, error.what());
    }
}

std::shared_ptr<Member> KafkaSubscription::member() {
    const Turn turn(starting_);
    if (closed_) return nullptr;
    if (member_.is_inherited()) wake_up_.separate();
    if (const std::shared_ptr<Member>* const member = member_.find()) return *member;
    return member_.set(
        std::make_unique<std::shared_ptr<Member>>(std::make_shared<Member>(options_, what_, wake_up_)));
}

std::vector<ReceivedEvent> KafkaSubscription::poll(std::size_t most, std::chrono::milliseconds limit) {
    const std::shared_ptr<Member> member = this->member();
    if (!member) throw BrokerError("the subscription is closed", false);
    const auto deadline = Member::Clock::now() + std::min(limit, longest_limit);
    for (;;) {
        wake_up_.clear();
        if (woken_.exchange(false)) return {};
        std::vector<ReceivedEvent> events = member->read(most);
        if (!events.empty() || Member::Clock::now() >= deadline) return events;
        wake_up_.wait_until(std::min(deadline, member->next_look()));
    }
}

void KafkaSubscription::acknowledge(std::span<const Receipt> receipts) {
    if (const auto member = this->member()) member->acknowledge(receipts);
}

void KafkaSubscription::wake() noexcept {
    woken_.store(true);
    wake_up_.wake();
}

std::vector<PartitionLag> KafkaSubscription::lag() {
    const auto member = this->member();
    return member ? member->lag() : std::vector<PartitionLag>{};
}

bool KafkaSubscription::is_joining() {
    const auto member = this->member();
    return member && member->is_joining();
}

void KafkaSubscription::close() {
    std::shared_ptr<Member> member;
    {
        const Turn turn(starting_);
        if (closed_.exchange(true) || member_.is_inherited()) return;
        if (auto* const there = member_.find()) member = std::move(*there);
    }
    if (member) member->leave();
}

}  // namespace eventbus::kafka_topics
