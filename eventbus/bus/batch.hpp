#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <exception>
#include <functional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "eventbus/bus/event_context.hpp"
#include "eventbus/event/error.hpp"

namespace eventbus {

/// When a batch is given to its handler: as soon as it has so many events, or when its first event has waited
/// for so long.
struct BatchOptions {
    /// At least 1. No more come together than the consumer's prefetch limit allows.
    std::size_t most = 100;
    std::chrono::milliseconds longest_wait{1'000};
};

/// What becomes of the events of a batch: each is handled unless its handler says otherwise.
class BatchResults {
  public:
    explicit BatchResults(std::size_t events) : errors_(events) {}

    [[nodiscard]] std::size_t size() const { return errors_.size(); }
    /// This event was not handled, and may be tried again, alone or with others. Throws std::out_of_range.
    void fail(std::size_t index, const std::string& error) {
        errors_.at(index) = std::make_exception_ptr(Error(error));
    }
    void fail(std::size_t index, std::exception_ptr error) { errors_.at(index) = std::move(error); }
    /// This event will never succeed.
    void reject(std::size_t index, const std::string& why) {
        errors_.at(index) = std::make_exception_ptr(Reject(why));
    }

    /// The handler threw this: all failed with it.
    void fail_all(const std::exception_ptr& thrown) {
        std::fill(errors_.begin(), errors_.end(), thrown);
        has_thrown_ = true;
    }

    /// What each event failed with; null when it is handled.
    [[nodiscard]] std::span<const std::exception_ptr> errors() const { return errors_; }
    [[nodiscard]] bool has_thrown() const { return has_thrown_; }

  private:
    std::vector<std::exception_ptr> errors_;
    bool has_thrown_ = false;
};

/// Events of one signal that a handler gets at once, in order for each key. Valid during the call. When the
/// handler throws, none of them is handled, and the same come again before any others.
template <class Data>
class Batch {
  public:
    Batch(std::span<const void* const> data, std::span<const EventContext> contexts, BatchResults& results)
        : data_(data), contexts_(contexts), results_(results) {}

    [[nodiscard]] std::size_t size() const { return data_.size(); }
    [[nodiscard]] const Data& operator[](std::size_t index) const {
        return *static_cast<const Data*>(data_[index]);
    }
    [[nodiscard]] const EventContext& context(std::size_t index) const { return contexts_[index]; }

    /// See BatchResults.
    void fail(std::size_t index, const std::string& error) { results_.fail(index, error); }
    void reject(std::size_t index, const std::string& why) { results_.reject(index, why); }

  private:
    std::span<const void* const> data_;
    std::span<const EventContext> contexts_;
    BatchResults& results_;
};

/// A batch handler whose data type is forgotten.
using ErasedBatchHandler =
    std::function<void(std::span<const void* const>, std::span<const EventContext>, BatchResults&)>;
/// A handler of many events of any type as bytes.
using RawBatchHandler = std::function<void(std::span<const RawEvent>, BatchResults&)>;

}  // namespace eventbus
