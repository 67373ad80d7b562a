#pragma once

#include <sys/types.h>

#include <atomic>
#include <memory>
#include <mutex>

#include "eventbus/broker/broker.hpp"
#include "eventbus/settings/settings.hpp"

namespace eventbus {

/// The brokers that the settings name and the publisher of one of them, made when they are needed.
/// Thread-safe.
///
/// In a process that was forked everything is made anew. What the parent had is left as it is and never
/// destroyed there: a destructor would wait for threads that the child does not have, or end the parent's
/// sessions on connections that both processes hold.
class Connections {
  public:
    /// Throws SettingsError when a setting names no backend, or the producer's settings are wrong.
    Connections(const Settings& settings, const BrokerCatalogue& backends, const LogSink& log);
    Connections(const Connections&) = delete;
    Connections& operator=(const Connections&) = delete;
    /// Waits for what was enqueued as the publisher does.
    ~Connections();

    /// Throws SettingsError without EVENT_BUS_PRODUCER, BrokerError when it cannot be opened.
    [[nodiscard]] Publisher& publisher();
    /// Null when this process has not opened one.
    [[nodiscard]] Publisher* opened_publisher();

    /// One object when both settings name the same backend. Throw SettingsError when the setting is not set.
    [[nodiscard]] std::shared_ptr<Broker> producer();
    [[nodiscard]] std::shared_ptr<Broker> consumer();

  private:
    struct Made {
        std::shared_ptr<Broker> producer;
        std::shared_ptr<Broker> consumer;
        std::unique_ptr<Publisher> publisher;
    };

    /// With the lock held.
    void start_afresh_after_fork();
    [[nodiscard]] std::shared_ptr<Broker> make(const Declaration& setting, const std::string& name) const;
    [[nodiscard]] const std::shared_ptr<Broker>& made_producer();

    const Settings& settings_;
    const BrokerCatalogue& backends_;
    const LogSink& log_;
    const std::string producer_name_;
    const std::string consumer_name_;

    std::mutex mutex_;
    std::unique_ptr<Made> made_ = std::make_unique<Made>();
    std::atomic<pid_t> process_;
    /// That of `made_`, to be found without the lock.
    std::atomic<Publisher*> publisher_ = nullptr;
};

}  // namespace eventbus
