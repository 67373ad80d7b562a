#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include "eventbus/broker/broker.hpp"

namespace eventbus::conformance {

/// What a backend can do beyond what all must. A test that needs a feature is skipped without it.
struct Features {
    /// A topic can have several partitions.
    bool partitions = true;
    /// The events of a topic of one partition are numbered 0, 1, 2, ...
    bool numbers_events = true;
    /// An event that was acknowledged before an earlier one is not handed out again after the member left.
    bool remembers_gaps = false;
    /// A topic that is not there is made by publishing to it.
    bool makes_topics = true;
    /// The wire tells the schema that an event was written with.
    bool tells_schema = true;
    bool retention_by_age = true;
    bool retention_by_bytes = true;
    /// What is stored outlives the last connection.
    bool durable = false;
    /// Other processes reach the same store.
    bool processes = false;
    /// A process may go on using a broker that it inherited by a fork.
    bool survives_fork = false;
    /// A member that lives keeps its partitions, however long it does not poll.
    bool members_never_expire = false;
    /// A member of several topics reads them in turn, however much there is of one.
    bool reads_topics_in_turn = true;
    /// Names of topics that differ in dots and underscores alone are different.
    bool tells_dots_from_underscores = true;
    /// What is stored is there for the next poll, even for one that does not wait.
    bool polls_the_store = true;
    /// A group's name may begin or end with a space.
    bool groups_of_spaces = true;
    /// After how long the members of a group know of a new one.
    std::chrono::milliseconds time_to_notice_members{0};
    /// Bytes of the largest event that is taken, key and headers included; 0 when memory is the limit.
    std::size_t largest_event = 0;
    /// There is a server that can be restarted.
    bool server = false;
};

/// A store that is empty when made and gone with this object.
class TestStore {
  public:
    TestStore() = default;
    TestStore(const TestStore&) = delete;
    TestStore& operator=(const TestStore&) = delete;
    virtual ~TestStore() = default;

    /// A broker of this store. A backend that other processes reach gives a connection of its own each time.
    [[nodiscard]] virtual std::shared_ptr<Broker> connect() = 0;
    /// Stops the server and starts it again.
    virtual void restart_server() {}
};

struct Backend {
    std::string name;
    Features features;
    std::function<std::unique_ptr<TestStore>()> make_store;
};

/// The backend that this program tests: defined by `<name>_backend.cpp`.
[[nodiscard]] const Backend& backend();

}  // namespace eventbus::conformance
