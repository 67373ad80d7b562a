#pragma once

#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "eventbus/bus/bus.hpp"
#include "eventbus/bus/cloudevent_json.hpp"

namespace eventbus::app {

/// What became of an event that was given to a ProducerRun.
struct Outcome {
    /// Of the input; 0 when it has no lines.
    std::uint64_t line = 0;
    SendReport report;
};

/// Sends events that are given as JSON to one topic, many at a time: reads them, posts them, and keeps what
/// became of them until it is asked for. At most so many events and bytes are under way or not yet asked for;
/// who gives it more waits. One thread at a time.
class ProducerRun {
  public:
    /// `signal` and `key_field` may be empty: then each event says its type, and its usual key is taken.
    /// Throws InvalidValue.
    ProducerRun(Bus& bus, const std::string& signal, std::string topic, std::optional<std::string> key_field);
    ProducerRun(const ProducerRun&) = delete;
    ProducerRun& operator=(const ProducerRun&) = delete;
    /// Waits for what is under way.
    ~ProducerRun();

    /// Reads an event, data or CloudEvents JSON, and posts it. Throws InvalidValue or DecodeError for one
    /// that is wrong, SettingsError.
    void post(std::string_view json, std::uint64_t line);

    /// Whether `post` would have to wait for outcomes to be taken.
    [[nodiscard]] bool is_full();
    /// What is known since the last call, in the order in which events were stored. Waits for at least one
    /// when nothing is known yet and something is under way.
    [[nodiscard]] std::vector<Outcome> take_outcomes();
    /// The same without waiting.
    [[nodiscard]] std::vector<Outcome> take_known_outcomes();

  private:
    struct Addressed {
        const Route* route = nullptr;
        SendOptions options;
    };

    [[nodiscard]] Addressed read(std::string_view json);
    [[nodiscard]] Addressed read(const CloudEvent& event);
    void read_data(const Route& route, const CloudEvent& event);
    [[nodiscard]] const Route& route_of(const EventType& type);
    void note(std::uint64_t line, std::size_t size, const SendReport& report);

    Bus& bus_;
    const EventType* type_ = nullptr;
    std::string topic_;
    std::optional<std::string> key_field_;
    std::map<const EventType*, Route> routes_;
    std::vector<std::byte> payload_;

    std::mutex mutex_;
    std::condition_variable changed_;
    std::size_t under_way_ = 0;
    std::size_t bytes_under_way_ = 0;
    std::vector<Outcome> outcomes_;
};

}  // namespace eventbus::app
