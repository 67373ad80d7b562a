#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "eventbus/broker/memory/memory_broker.hpp"
#include "eventbus/bus/bus.hpp"
#include "kettle.hpp"

namespace eventbus::bus_test {

/// More than anything here takes on a machine that is busy.
inline constexpr std::chrono::milliseconds patience{20'000};

/// Collects a bus's log. Thread-safe.
class Log {
  public:
    [[nodiscard]] LogSink sink();
    /// All lines so far, each with its level before it.
    [[nodiscard]] std::vector<std::string> lines() const;
    [[nodiscard]] std::string text() const;

  private:
    struct Lines {
        std::mutex mutex;
        std::vector<std::string> all;
    };
    std::shared_ptr<Lines> lines_ = std::make_shared<Lines>();
};

/// A directory that goes with the test.
class TemporaryDirectory {
  public:
    TemporaryDirectory();
    TemporaryDirectory(const TemporaryDirectory&) = delete;
    TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
    ~TemporaryDirectory();
    [[nodiscard]] std::string file(const std::string& name) const { return (path_ / name).string(); }

  private:
    std::filesystem::path path_;
};

/// The Open edX events and the kettles'.
[[nodiscard]] Catalogue catalogue();

/// `{"org.example...": {"kettles": {"event_key_field": "kettle.room", "enabled": true}}}`, for each pair of
/// an event type and a topic.
[[nodiscard]] std::string producer_config(const std::vector<std::pair<std::string, std::string>>& topics,
                                          const std::string& key_field = "kettle.room");

/// Buses of a test share one memory broker and one log, as processes share a server.
class BusTest : public ::testing::Test {
  protected:
    [[nodiscard]] BusOptions options(const Settings::Values& values) const;
    /// With the memory backend to send to and to consume from.
    [[nodiscard]] BusOptions memory_options(const Settings::Values& more = {}) const;
    /// Kettles' events go to the topic `kettles`.
    [[nodiscard]] BusOptions kettle_options(const Settings::Values& more = {}) const;

    /// All that is stored on a topic, prefix included.
    [[nodiscard]] std::vector<ReceivedEvent> stored(const std::string& topic) const;
    /// Events of the topic that the group has not acknowledged.
    [[nodiscard]] std::uint64_t lag(const std::string& topic, const std::string& group) const;

    Log log_;
    std::shared_ptr<Broker> memory_ = make_memory_broker({.partitions = 4, .retention = {}, .clock = {}});
};

[[nodiscard]] kettle::KettleBoiled boiled(std::string room, std::int64_t degrees = 100);

/// An event as a broker hands it out.
[[nodiscard]] ReceivedEvent received(const EventType& type, std::vector<std::byte> payload);
template <class Data>
[[nodiscard]] ReceivedEvent received(const Signal<Data>& signal, const Data& data) {
    std::vector<std::byte> payload;
    signal.encode(data, payload);
    return received(signal.type(), std::move(payload));
}

[[nodiscard]] std::vector<std::string> names(const std::vector<HandlerResult>& results);

/// The text of the `Failure` that `call` throws; fails the test when it throws nothing or something else.
template <class Failure, class Call>
[[nodiscard]] std::string message_of(const Call& call) {
    try {
        call();
    } catch (const Failure& failure) {
        return failure.what();
    } catch (const std::exception& other) {
        ADD_FAILURE() << "threw something else: " << other.what();
        return {};
    }
    ADD_FAILURE() << "threw nothing";
    return {};
}

/// Waits until `is_so`; false when it takes longer than `patience`.
[[nodiscard]] bool wait_until(const std::function<bool()>& is_so);

}  // namespace eventbus::bus_test
