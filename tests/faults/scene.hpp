#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "eventbus/broker/embedded/embedded_broker.hpp"
#include "process.hpp"

namespace eventbus::faults {

/// How a sender sends.
struct Sending {
    std::uint64_t count = 0;
    std::uint64_t batch = 1;
    bool enqueues = false;
    std::chrono::microseconds pause{0};
};

/// A directory with a bus and its peers' journals, removed at the end unless the test failed.
class Scene {
  public:
    Scene();
    Scene(const Scene&) = delete;
    Scene& operator=(const Scene&) = delete;
    ~Scene();

    [[nodiscard]] const std::filesystem::path& directory() const { return directory_; }
    [[nodiscard]] std::filesystem::path bus() const { return directory_ / "events.db"; }
    /// Peers use this server instead of the file.
    void lead_to(const std::string& url) { address_ = url; }
    [[nodiscard]] const TopicName& topic() const { return topic_; }
    [[nodiscard]] std::shared_ptr<Broker> broker() const;

    /// A sender writes `sent-{name}`, a consumer of the group `group` writes `received-{name}`.
    [[nodiscard]] Process start_sender(const std::string& name, const Sending& sending) const;
    [[nodiscard]] Process start_consumer(const std::string& name, std::size_t most) const;

    /// Events that the group `group` has not acknowledged.
    [[nodiscard]] std::uint64_t lag() const;
    /// The ids of all that is stored, as a group of its own reads them.
    [[nodiscard]] std::vector<std::string> stored_ids() const;
    /// What SQLite says of the file: `ok`, or what is wrong.
    [[nodiscard]] std::string integrity() const;

  private:
    std::filesystem::path directory_;
    std::string address_;
    TopicName topic_{"topic"};
};

/// EVENTBUS_SOAK_SECONDS, or `otherwise`.
[[nodiscard]] std::chrono::seconds soak(std::chrono::seconds otherwise);

/// EVENTBUS_FAULTS_SEED, or a random one; printed, so that a run can be repeated.
[[nodiscard]] std::uint32_t chosen_seed();

}  // namespace eventbus::faults
