#pragma once

#include <memory>
#include <utility>

#include "eventbus/event/forks.hpp"

namespace eventbus::kafka_topics {

/// A thing that works with threads of librdkafka's. They are not in a child of a fork, which can neither use
/// the parent's thing nor end it: there it is as if there was none yet. Not thread-safe.
template <class Thing>
class OfThisProcess {
  public:
    OfThisProcess() = default;
    explicit OfThisProcess(std::unique_ptr<Thing> thing) : thing_(std::move(thing)) {}
    OfThisProcess(const OfThisProcess&) = delete;
    OfThisProcess& operator=(const OfThisProcess&) = delete;
    ~OfThisProcess() { static_cast<void>(find()); }

    [[nodiscard]] bool is_inherited() const { return generation_ != fork_generation(); }

    /// Null when this process has none.
    [[nodiscard]] Thing* find() {
        if (is_inherited()) {
            static_cast<void>(thing_.release());
            generation_ = fork_generation();
        }
        return thing_.get();
    }

    /// Takes the place of the one before.
    Thing& set(std::unique_ptr<Thing> thing) {
        static_cast<void>(find());
        thing_ = std::move(thing);
        return *thing_;
    }

  private:
    unsigned generation_ = fork_generation();
    std::unique_ptr<Thing> thing_;
};

}  // namespace eventbus::kafka_topics
