#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "stored_record.hpp"

namespace eventbus::faults {

/// A backend that services are tested on: how they reach it, and an account of what it has that is made
/// without the library. Each program of tests has one implementation in it.
class Store {
  public:
    Store() = default;
    Store(const Store&) = delete;
    Store& operator=(const Store&) = delete;
    virtual ~Store() = default;

    /// What a peer is told: a file's path, or a server's URL.
    [[nodiscard]] virtual std::string address() const = 0;
    /// NAME=VALUE, for the environment of a process.
    [[nodiscard]] virtual std::vector<std::string> settings() const = 0;
    /// All that a topic has, in the order of each partition; nothing when it does not exist.
    [[nodiscard]] virtual std::vector<StoredRecord> records(const std::string& topic) const = 0;
    /// Events of the topic that the group has not acknowledged; 0 when it does not exist.
    [[nodiscard]] virtual std::uint64_t lag(const std::string& topic, const std::string& group) const = 0;
    /// What the store says of its own state: `ok`, or what is wrong.
    [[nodiscard]] virtual std::string integrity() const = 0;
    /// How long a test kills by default: shorter where a dead consumer's place is taken late, as what is left
    /// to do then takes longer.
    [[nodiscard]] virtual std::chrono::seconds short_run() const { return std::chrono::seconds(9); }
};

/// Makes a store of this kind in a directory of the test.
[[nodiscard]] std::unique_ptr<Store> make_store(const std::string& kind,
                                                const std::filesystem::path& directory);
/// The kinds there are.
[[nodiscard]] std::vector<std::string> stores();
/// How many workers consumers are tried with.
[[nodiscard]] std::vector<std::size_t> worker_counts();

}  // namespace eventbus::faults
