#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "eventbus/broker/admin.hpp"
#include "eventbus/broker/consumer_limits.hpp"
#include "eventbus/broker/publisher.hpp"
#include "eventbus/broker/reader.hpp"
#include "eventbus/broker/subscription.hpp"
#include "eventbus/event/log.hpp"

namespace eventbus {

class Settings;

/// One backend, connected as its settings say. Makes publishers, subscriptions, readers and an admin; they
/// may outlive it. Thread-safe. Opens nothing before the first of them is made.
class Broker {
  public:
    Broker() = default;
    Broker(const Broker&) = delete;
    Broker& operator=(const Broker&) = delete;
    virtual ~Broker() = default;

    /// Short name: `embedded`, `memory`, `redis`, `kafka`.
    [[nodiscard]] virtual std::string_view name() const = 0;
    [[nodiscard]] virtual std::unique_ptr<Publisher> publisher() = 0;
    [[nodiscard]] virtual std::unique_ptr<Subscription> subscribe(SubscribeOptions options) = 0;
    /// Throws InvalidValue for an AfterId that is no position of the topic.
    [[nodiscard]] virtual std::unique_ptr<Reader> reader(ReadOptions options) = 0;
    [[nodiscard]] virtual std::unique_ptr<Admin> admin() = 0;
    /// A place as users of the backend write it: `42`, `1679676448892-0`.
    [[nodiscard]] virtual std::string offset_text(const Offset& offset) const;
    /// What a topic gets when nobody says otherwise.
    [[nodiscard]] virtual TopicOptions new_topic() const { return {}; }
    /// What its settings say of consumers.
    [[nodiscard]] virtual ConsumerLimits consumer_limits() const { return {}; }
};

/// Makes a broker from settings; its log lines go to `log`, which may be empty.
using BrokerFactory = std::function<std::shared_ptr<Broker>(const Settings&, LogSink log)>;

/// The backends that a program was built with, by short name. A value: copy it, add your own.
class BrokerCatalogue {
  public:
    void add(std::string name, BrokerFactory factory);
    [[nodiscard]] bool contains(std::string_view name) const;
    /// Throws SettingsError that lists the backends there are when `name` is unknown.
    [[nodiscard]] std::shared_ptr<Broker> make(std::string_view name, const Settings& settings,
                                               LogSink log) const;

  private:
    std::map<std::string, BrokerFactory, std::less<>> factories_;
};

}  // namespace eventbus
