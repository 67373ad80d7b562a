#pragma once

#include <chrono>
#include <concepts>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "eventbus/broker/broker.hpp"
#include "eventbus/bus/backends.hpp"
#include "eventbus/bus/batch.hpp"
#include "eventbus/bus/data_codec.hpp"
#include "eventbus/bus/handler.hpp"
#include "eventbus/bus/handler_options.hpp"
#include "eventbus/bus/observer.hpp"
#include "eventbus/bus/route.hpp"
#include "eventbus/bus/send.hpp"
#include "eventbus/catalogue/catalogue.hpp"
#include "eventbus/settings/settings.hpp"

namespace eventbus {

/// What a bus is made of. All of it is taken by value; the defaults are the Open edX events, the backends of
/// the library, default settings (no broker) and no log.
struct BusOptions {
    Settings settings = {};
    Catalogue catalogue = openedx_catalogue();
    BrokerCatalogue backends = standard_backends();
    LogSink log = {};
    std::vector<std::shared_ptr<Observer>> observers = {};
};

/// What became of an event from a broker in this process.
struct HandlingReport {
    /// The handlers that were called, in order.
    std::vector<HandlerResult> handlers;
    /// Why the event could not be given to all its handlers: its metadata, type, schema or data cannot be
    /// used. Handlers of raw events were called all the same, unless the metadata is the reason.
    std::optional<std::string> unusable;

    /// No handler threw, and the event was usable.
    [[nodiscard]] bool succeeded() const;
    /// At least one handler threw.
    [[nodiscard]] bool failed() const;
};

class Inbox;

/// Told of each call of a handler, on its thread. What it is given is valid until `ends`.
class HandlerCalls {
  public:
    HandlerCalls() = default;
    HandlerCalls(const HandlerCalls&) = delete;
    HandlerCalls& operator=(const HandlerCalls&) = delete;
    virtual ~HandlerCalls() = default;
    virtual void begins(std::string_view handler, const HandlerOptions& options) = 0;
    virtual void ends() = 0;
};

/// Which of an event's handlers are called, and how.
struct HandleOptions {
    /// The names of the handlers; empty for all.
    std::span<const std::string> only = {};
    /// Where events that handlers finished are remembered, for those that ask for it (HandlerOptions::inbox);
    /// may be null.
    Inbox* inbox = nullptr;
    /// For whom they are remembered.
    std::string_view group = {};
    /// May be null.
    HandlerCalls* calls = nullptr;
    /// Handlers that take many events at once are not called, but named in the report: `handle_batch` is for
    /// them. Else each event is a batch of its own.
    bool defers_batches = false;
};

/// What a service uses: sends events to handlers in the process and to the topics that
/// EVENT_BUS_PRODUCER_CONFIG names, and gives events that a Consumer reads to the handlers.
///
/// A bus owns its handlers, connections and threads; two of them in a process are independent. All functions
/// are thread-safe. Nothing is opened before the first event is sent to a topic. A process that was forked
/// opens its own connections when it uses the bus; fork while no other thread is inside the bus.
class Bus {
  public:
    /// Throws SettingsError when EVENT_BUS_PRODUCER_CONFIG names an event type that the catalogue does not
    /// have, a field that the event does not have, or a topic that cannot be; when EVENT_BUS_PRODUCER or
    /// EVENT_BUS_CONSUMER names no backend.
    explicit Bus(BusOptions options = {});
    Bus(const Bus&) = delete;
    Bus& operator=(const Bus&) = delete;
    /// Waits for what was posted, as long as the backend's close time-out allows. No other thread may be
    /// inside the bus.
    ~Bus();

    /// Connects a handler: a function of `(const Data&)`, `(const Data&, const EventMetadata&)` or
    /// `(const Data&, const EventContext&)`. It is called on the thread that sends, or on the consumer's, and
    /// so maybe on several at once. Handlers of a signal are called in the order of connection. Throws
    /// InvalidValue when the signal has a handler of this name or of another C++ type of data, or the
    /// catalogue does not have the signal.
    template <class Data, HandlerOf<Data> Handler>
    // NOLINTNEXTLINE(performance-unnecessary-value-param): it is moved from where the template is used
    HandlerId connect(const Signal<Data>& signal, std::string name, Handler handler,
                      const HandlerOptions& options = {}) {
        return connect_erased(signal.type(), data_codec<Data>(), std::move(name),
                              erase_handler<Data>(std::move(handler)), options);
    }

    /// Connects a handler of many events at once, a function of `(Batch<Data>&)`; `options.batch` says how
    /// many. A consumer gathers them; an event that is sent in the process is a batch of its own. Throws as
    /// `connect`, and InvalidValue when it asks for the inbox.
    template <class Data, std::invocable<Batch<Data>&> Handler>
    // NOLINTNEXTLINE(performance-unnecessary-value-param): it is moved from where the template is used
    HandlerId connect_batch(const Signal<Data>& signal, std::string name, Handler handler,
                            const HandlerOptions& options = {}) {
        return connect_batch_erased(
            signal.type(), data_codec<Data>(), std::move(name),
            [handler = std::move(handler)](std::span<const void* const> data,
                                           std::span<const EventContext> contexts, BatchResults& results) {
                Batch<Data> batch(data, contexts, results);
                handler(batch);
            },
            options);
    }

    /// Connects a handler of every event, also of types that the catalogue does not have, as bytes. They are
    /// called after those of the event's own signal. Throws InvalidValue when there is one of this name.
    HandlerId connect_all(std::string name, RawHandler handler, const HandlerOptions& options = {});

    /// The same for a handler of many at once, whatever their types. `options.batch` says how many.
    HandlerId connect_all_batch(std::string name, RawBatchHandler handler,
                                const HandlerOptions& options = {});

    /// The handler is not called for events sent from now on; a call that runs on another thread goes on.
    /// Returns false when it was disconnected before.
    bool disconnect(HandlerId handler);

    /// Gives the event to the handlers in the process, then writes it to its topics, and returns when it is
    /// durable there. Throws InvalidValue when the catalogue does not have the signal, the data cannot be
    /// written or the metadata is of another event (then nothing was done), SendFailed when a topic could not
    /// be written (after all were tried), and what a handler throws when the dispatch is strict.
    template <class Data>
    SendReport send(const Signal<Data>& signal, const Data& data, const SendOptions& options = {}) {
        return send_erased(signal.type(), data_codec<Data>(), &data, options);
    }

    /// Sends many events of a signal, in order, as `send` does each, but writes them to their topics
    /// together, so that they share the wait for durability. One report for each. All data are checked before
    /// the first handler is called. When some could not be stored SendFailed is thrown, with the reports of
    /// all, after all were tried. When the dispatch is strict, what a handler throws is passed on and none of
    /// the events is stored. `options.metadata` must be unset, as each event has an id of its own:
    /// InvalidValue.
    template <class Data>
    std::vector<SendReport> send_all(const Signal<Data>& signal,
                                     std::span<const std::type_identity_t<Data>> data,
                                     const SendOptions& options = {}) {
        return send_all_erased(
            signal.type(), data_codec<Data>(), data.size(), [data](std::size_t i) { return &data[i]; },
            options);
    }

    /// As `send`, without waiting for the topics: `done` is told what became of it there. An empty `done`
    /// leaves failures to the log. Waits only while the backend's queue is full.
    template <class Data>
    void post(const Signal<Data>& signal, const Data& data, const SendOptions& options = {},
              PostHandler done = {}) {  // NOLINT(performance-unnecessary-value-param)
        post_erased(signal.type(), data_codec<Data>(), &data, options, std::move(done));
    }

    /// Waits until everything posted so far is durable or has failed; false when `limit` passed first.
    bool flush(std::chrono::milliseconds limit);

    /// Where `send_raw` shall write events of a type, whatever EVENT_BUS_PRODUCER_CONFIG says. `type` must
    /// outlive the route; `topic` is without prefix; an empty `key_field` means no key. Throws InvalidValue.
    [[nodiscard]] Route route(const EventType& type, std::string_view topic,
                              std::string_view key_field) const;

    /// Writes an event that is encoded already to one topic. Handlers in the process do not get it, and it
    /// does not matter whether the signal is disabled. The payload is not checked beyond its key. Throws
    /// SettingsError without EVENT_BUS_PRODUCER, InvalidValue for metadata of another event, DecodeError when
    /// the payload's key cannot be read, SendFailed.
    SendReport send_raw(const Route& route, std::span<const std::byte> payload,
                        const SendOptions& options = {});
    /// The same without waiting.
    void post_raw(const Route& route, std::span<const std::byte> payload, const SendOptions& options = {},
                  PostHandler done = {});

    /// The metadata that an event of this type gets when it is sent now: a new id, the service's source, this
    /// host.
    [[nodiscard]] EventMetadata make_metadata(const EventType& type) const;

    /// A disabled signal's events go nowhere, whether sent here or received: sending and handling do nothing.
    /// Meant for tests. Throw InvalidValue when the catalogue does not have the signal.
    void disable(const EventType& type);
    void enable(const EventType& type);
    [[nodiscard]] bool is_enabled(const EventType& type) const;
    template <class Data>
    void disable(const Signal<Data>& signal) {
        disable(signal.type());
    }
    template <class Data>
    void enable(const Signal<Data>& signal) {
        enable(signal.type());
    }
    template <class Data>
    [[nodiscard]] bool is_enabled(const Signal<Data>& signal) const {
        return is_enabled(signal.type());
    }
    /// Every signal of the catalogue.
    void disable_all();
    void enable_all();

    /// Gives an event from a broker to the handlers in the process, robustly, and to nothing else. What a
    /// consumer calls for each event. Throws nothing but what means that the process is out of memory.
    HandlingReport handle(const ReceivedEvent& event, const HandleOptions& options = {});
    /// Gives events from a broker, at least one, to a handler that takes many at once; of one type unless it
    /// takes all types. Reject for a handler that there is not. `calls` may be null.
    BatchResults handle_batch(std::string_view handler, std::span<const ReceivedEvent* const> events,
                              HandlerCalls* calls);
    /// Whether a handler that is connected asks for the inbox.
    [[nodiscard]] bool needs_inbox() const;
    /// Whether the handler of this name gets events of every type, so that its batches may hold several.
    [[nodiscard]] bool takes_all_types(std::string_view event_type, std::string_view handler) const;
    /// How the handler of this name wants the events of a type to be treated; defaults when there is none.
    [[nodiscard]] HandlerOptions handler_options(std::string_view event_type, std::string_view handler) const;

    /// The schema that an event's payload was written with (see RawEvent::schema). Null, and the reason in
    /// `problem` if that is given, when it is not known.
    [[nodiscard]] std::shared_ptr<const avro::SchemaDocument> schema_of(const ReceivedEvent& event,
                                                                        std::string* problem = nullptr) const;

    /// The brokers that EVENT_BUS_PRODUCER and EVENT_BUS_CONSUMER name: one object when both are the same.
    /// They must not be used after a fork. Throw SettingsError when the setting is not set.
    [[nodiscard]] std::shared_ptr<Broker> producer_broker() const;
    [[nodiscard]] std::shared_ptr<Broker> consumer_broker() const;

    [[nodiscard]] const Settings& settings() const;
    [[nodiscard]] const Catalogue& catalogue() const;
    /// Logs as the host wants it; safe to call when it gave no sink.
    void log(LogLevel level, std::string_view message) const;
    [[nodiscard]] std::span<const std::shared_ptr<Observer>> observers() const;

  private:
    HandlerId connect_erased(const EventType& type, const DataCodec& codec, std::string name,
                             ErasedHandler handler, const HandlerOptions& options);
    HandlerId connect_batch_erased(const EventType& type, const DataCodec& codec, std::string name,
                                   ErasedBatchHandler handler, const HandlerOptions& options);
    SendReport send_erased(const EventType& type, const DataCodec& codec, const void* data,
                           const SendOptions& options);
    std::vector<SendReport> send_all_erased(const EventType& type, const DataCodec& codec, std::size_t count,
                                            const std::function<const void*(std::size_t)>& data,
                                            const SendOptions& options);
    void post_erased(const EventType& type, const DataCodec& codec, const void* data,
                     const SendOptions& options, PostHandler done);

    struct Core;
    std::unique_ptr<Core> core_;
};

}  // namespace eventbus
