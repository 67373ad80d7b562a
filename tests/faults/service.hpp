#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "process.hpp"
#include "scene.hpp"
#include "store.hpp"

namespace eventbus::faults {

/// How a service's consumer works.
struct Consuming {
    std::size_t workers = 1;
    bool keeps_order = false;
    /// What goes wrong in its handlers; see bus_peer.cpp.
    std::vector<std::string> mischief = {};
};

/// A service that sends logins to itself: its processes on a store, and the command that sends its dead
/// letters on. Removed at the end unless the test failed.
class Service {
  public:
    static constexpr const char* topic = "logins";
    static constexpr const char* group = "group";
    static constexpr const char* dead_letters = "logins.dead-letters.group";

    /// With `jumping_clock` the time of its processes jumps to and fro by an hour.
    explicit Service(const std::string& store, bool jumping_clock = false)
        : store_(make_store(store, scene_.directory())), jumping_clock_(jumping_clock) {}

    /// On a store that the test holds in its hands.
    explicit Service(std::unique_ptr<Store> store) : store_(std::move(store)) {}

    [[nodiscard]] const Store& store() const { return *store_; }
    [[nodiscard]] const std::filesystem::path& directory() const { return scene_.directory(); }

    /// Writes `sent-{name}`, its log is `sent-{name}.log`. One that goes on does so when an event cannot be
    /// stored, else it ends.
    [[nodiscard]] Process start_sender(const std::string& name, std::uint64_t seed,
                                       bool goes_on = false) const;
    /// Its handlers write `handled-{name}-mail`, `-index` and `-archive`, its log is `handled-{name}.log`.
    [[nodiscard]] Process start_consumer(const std::string& name, std::uint64_t seed,
                                         const Consuming& consuming) const;
    /// `eventbus produce_event` of one event, which says what it has to say in `produced.log`.
    [[nodiscard]] Process start_produce() const;
    /// `eventbus dead-letters redrive`.
    [[nodiscard]] Process start_redrive() const;

    /// Nothing is left to do for the group's consumers.
    [[nodiscard]] bool is_done() const;
    /// Events that the group has not acknowledged.
    [[nodiscard]] std::uint64_t behind() const;
    /// How many lines of the logs have this in them.
    [[nodiscard]] std::size_t logged(const std::string& text) const;

  private:
    [[nodiscard]] std::vector<std::string> command(const std::vector<std::string>& settings,
                                                   const std::vector<std::string>& words) const;

    Scene scene_;
    std::unique_ptr<Store> store_;
    bool jumping_clock_ = false;
};

}  // namespace eventbus::faults
