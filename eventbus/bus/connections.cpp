#include "eventbus/bus/connections.hpp"

#include <unistd.h>

#include <string>

#include "eventbus/event/error.hpp"

namespace eventbus {

namespace {

// The catalogue's own words say which backends there are.
void check_backend(const BrokerCatalogue& backends, const Declaration& setting, const std::string& name) {
    if (name.empty() || backends.contains(name)) return;
    try {
        static_cast<void>(backends.make(name, Settings{}, {}));
    } catch (const SettingsError& error) {
        throw SettingsError(std::string(setting.name) + ": " + error.what());
    }
}

}  // namespace

Connections::Connections(const Settings& settings, const BrokerCatalogue& backends, const LogSink& log)
    : settings_(settings),
      backends_(backends),
      log_(log),
      producer_name_(settings.get(setting::PRODUCER)),
      consumer_name_(settings.get(setting::CONSUMER)),
      process_(::getpid()) {
    check_backend(backends, setting::PRODUCER, producer_name_);
    check_backend(backends, setting::CONSUMER, consumer_name_);
    if (!producer_name_.empty()) made_->producer = make(setting::PRODUCER, producer_name_);
}

Connections::~Connections() {
    if (process_ != ::getpid()) static_cast<void>(made_.release());
}

Publisher& Connections::publisher() {
    if (Publisher* opened = opened_publisher()) return *opened;
    const std::lock_guard lock(mutex_);
    start_afresh_after_fork();
    if (!made_->publisher) {
        made_->publisher = made_producer()->publisher();
        publisher_.store(made_->publisher.get(), std::memory_order_release);
    }
    return *made_->publisher;
}

Publisher* Connections::opened_publisher() {
    if (process_.load(std::memory_order_acquire) != ::getpid()) return nullptr;
    return publisher_.load(std::memory_order_acquire);
}

std::shared_ptr<Broker> Connections::producer() {
    const std::lock_guard lock(mutex_);
    start_afresh_after_fork();
    return made_producer();
}

std::shared_ptr<Broker> Connections::consumer() {
    const std::lock_guard lock(mutex_);
    start_afresh_after_fork();
    if (!consumer_name_.empty() && consumer_name_ == producer_name_) return made_producer();
    if (!made_->consumer) made_->consumer = make(setting::CONSUMER, consumer_name_);
    return made_->consumer;
}

void Connections::start_afresh_after_fork() {
    const pid_t process = ::getpid();
    if (process_ == process) return;
    static_cast<void>(made_.release());
    made_ = std::make_unique<Made>();
    // In this order, so that nobody takes the parent's publisher for this process's.
    publisher_.store(nullptr, std::memory_order_release);
    process_.store(process, std::memory_order_release);
}

const std::shared_ptr<Broker>& Connections::made_producer() {
    if (!made_->producer) made_->producer = make(setting::PRODUCER, producer_name_);
    return made_->producer;
}

std::shared_ptr<Broker> Connections::make(const Declaration& setting, const std::string& name) const {
    if (name.empty())
        throw SettingsError(std::string(setting.name) +
                            " is not set; name a backend in it, such as \"embedded\"");
    return backends_.make(name, settings_, log_);
}

}  // namespace eventbus
