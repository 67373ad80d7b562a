#pragma once

#include <atomic>
#include <deque>
#include <memory>
#include <mutex>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "eventbus/bus/data_codec.hpp"
#include "eventbus/bus/handler_list.hpp"
#include "eventbus/bus/route.hpp"
#include "eventbus/bus/writer_schemas.hpp"
#include "eventbus/catalogue/catalogue.hpp"

namespace eventbus {

/// A handler together with how its data is read.
struct TypedCall {
    const DataCodec* codec = nullptr;
    ErasedHandler handle;
    /// Empty when it takes one event at a time.
    ErasedBatchHandler handle_batch = {};
};

/// What a bus knows about one event type of its catalogue.
class SignalState {
  public:
    explicit SignalState(const EventType& event_type) : type(event_type) {}

    const EventType& type;
    std::atomic<bool> enabled = true;
    HandlerList<TypedCall> handlers;
    /// Where its events are sent to, in the order of the topics; set once, before the bus is used.
    std::vector<Route> routes;
    /// The writer's schema that came last, so that a topic with one writer needs no search.
    RecentWriterSchema recent_writer;

    /// Parsed when it is first needed. Thread-safe.
    [[nodiscard]] std::shared_ptr<const avro::SchemaDocument> schema() const;

  private:
    mutable std::mutex mutex_;
    mutable std::shared_ptr<const avro::SchemaDocument> schema_;
};

/// The event types of a bus's catalogue. What is in it does not change, so that finding needs no lock.
class SignalTable {
  public:
    explicit SignalTable(const Catalogue& catalogue);

    /// Null when the catalogue does not have the type.
    [[nodiscard]] SignalState* find(std::string_view type);
    /// Throws InvalidValue when the catalogue does not have the type, or has it with another schema.
    [[nodiscard]] SignalState& of(const EventType& type);
    /// In the order of the catalogue.
    [[nodiscard]] std::deque<SignalState>& all() { return signals_; }

  private:
    std::deque<SignalState> signals_;
    std::unordered_map<const EventType*, SignalState*> by_address_;
    std::unordered_map<std::string_view, SignalState*> by_type_;
};

}  // namespace eventbus
