#include "eventbus/bus/bus.hpp"

#include <algorithm>
#include <utility>

#include "eventbus/bus/connections.hpp"
#include "eventbus/bus/handler_table.hpp"
#include "eventbus/bus/origin.hpp"
#include "eventbus/bus/producer_routes.hpp"
#include "eventbus/bus/receiver.hpp"
#include "eventbus/bus/scratch.hpp"
#include "eventbus/bus/sender.hpp"
#include "eventbus/bus/signal_table.hpp"
#include "eventbus/event/longest_limit.hpp"

namespace eventbus {

bool HandlingReport::succeeded() const { return !failed() && !unusable; }

bool HandlingReport::failed() const {
    return std::ranges::any_of(handlers, [](const HandlerResult& result) { return result.error != nullptr; });
}

struct Bus::Core {
    explicit Core(BusOptions given)
        : options(std::move(given)),
          origin(options.settings),
          signals(options.catalogue),
          connections(options.settings, options.backends, options.log),
          sender(origin, handlers, connections, scratch, {options.observers, options.log}),
          receiver(signals, handlers, scratch, options.observers) {
        set_routes(signals, options.settings);
    }

    BusOptions options;
    Origin origin;
    SignalTable signals;
    HandlerTable handlers;
    ScratchPool scratch;
    /// After all that a publisher's thread uses while it ends.
    Connections connections;
    Sender sender;
    Receiver receiver;
};

Bus::Bus(BusOptions options) : core_(std::make_unique<Core>(std::move(options))) {}

Bus::~Bus() = default;

HandlerId Bus::connect_erased(const EventType& type, const DataCodec& codec, std::string name,
                              ErasedHandler handler, const HandlerOptions& options) {
    return core_->handlers.connect(core_->signals.of(type), std::move(name), {&codec, std::move(handler)},
                                   options);
}

HandlerId Bus::connect_batch_erased(const EventType& type, const DataCodec& codec, std::string name,
                                    ErasedBatchHandler handler, const HandlerOptions& options) {
    auto one = [handler](const void* data, const EventContext& context) {
        BatchResults results(1);
        handler({&data, 1}, {&context, 1}, results);
        if (const auto& error = results.errors().front()) std::rethrow_exception(error);
    };
    return core_->handlers.connect(core_->signals.of(type), std::move(name),
                                   {&codec, std::move(one), std::move(handler)}, options);
}

HandlerId Bus::connect_all(std::string name, RawHandler handler, const HandlerOptions& options) {
    return core_->handlers.connect_all(std::move(name), {std::move(handler)}, options);
}

HandlerId Bus::connect_all_batch(std::string name, RawBatchHandler handler, const HandlerOptions& options) {
    auto one = [handler](const RawEvent& event) {
        BatchResults results(1);
        handler({&event, 1}, results);
        if (const auto& error = results.errors().front()) std::rethrow_exception(error);
    };
    return core_->handlers.connect_all(std::move(name), {std::move(one), std::move(handler)}, options);
}

bool Bus::disconnect(HandlerId handler) { return core_->handlers.disconnect(handler); }

SendReport Bus::send_erased(const EventType& type, const DataCodec& codec, const void* data,
                            const SendOptions& options) {
    return core_->sender.send(core_->signals.of(type), {codec, data}, options);
}

std::vector<SendReport> Bus::send_all_erased(const EventType& type, const DataCodec& codec, std::size_t count,
                                             const std::function<const void*(std::size_t)>& data,
                                             const SendOptions& options) {
    return core_->sender.send_all(core_->signals.of(type), codec, count, data, options);
}

void Bus::post_erased(const EventType& type, const DataCodec& codec, const void* data,
                      const SendOptions& options, PostHandler done) {
    core_->sender.post(core_->signals.of(type), {codec, data}, options, std::move(done));
}

bool Bus::flush(std::chrono::milliseconds limit) {
    Publisher* publisher = core_->connections.opened_publisher();
    return publisher == nullptr || publisher->flush(std::min(limit, longest_limit));
}

Route Bus::route(const EventType& type, std::string_view topic, std::string_view key_field) const {
    const SignalState* known = core_->signals.find(type.type);
    const bool is_ours = known != nullptr && known->type.schema == type.schema;
    return {type, is_ours ? known->schema() : avro::SchemaDocument::parse(type.schema),
            prefixed_topic(settings().get(setting::TOPIC_PREFIX), topic), key_field};
}

SendReport Bus::send_raw(const Route& route, std::span<const std::byte> payload, const SendOptions& options) {
    return core_->sender.send_raw(route, payload, options);
}

void Bus::post_raw(const Route& route, std::span<const std::byte> payload, const SendOptions& options,
                   PostHandler done) {
    core_->sender.post_raw(route, payload, options, std::move(done));
}

EventMetadata Bus::make_metadata(const EventType& type) const { return core_->origin.metadata(type); }

void Bus::disable(const EventType& type) { core_->signals.of(type).enabled = false; }

void Bus::enable(const EventType& type) { core_->signals.of(type).enabled = true; }

bool Bus::is_enabled(const EventType& type) const { return core_->signals.of(type).enabled; }

void Bus::disable_all() {
    for (SignalState& signal : core_->signals.all()) signal.enabled = false;
}

void Bus::enable_all() {
    for (SignalState& signal : core_->signals.all()) signal.enabled = true;
}

HandlingReport Bus::handle(const ReceivedEvent& event, const HandleOptions& options) {
    return core_->receiver.handle(event, options);
}

BatchResults Bus::handle_batch(std::string_view handler, std::span<const ReceivedEvent* const> events,
                               HandlerCalls* calls) {
    return core_->receiver.handle_batch(handler, events, calls);
}

bool Bus::needs_inbox() const { return core_->handlers.needs_inbox(); }

bool Bus::takes_all_types(std::string_view event_type, std::string_view handler) const {
    const SignalState* signal = core_->signals.find(event_type);
    return signal == nullptr || !signal->handlers.has(handler);
}

HandlerOptions Bus::handler_options(std::string_view event_type, std::string_view handler) const {
    if (const SignalState* signal = core_->signals.find(event_type))
        if (const auto found = signal->handlers.find(handler)) return found->options;
    const auto found = core_->handlers.find_raw(handler);
    return found ? found->options : HandlerOptions{};
}

std::shared_ptr<const avro::SchemaDocument> Bus::schema_of(const ReceivedEvent& event,
                                                           std::string* problem) const {
    return core_->receiver.schema_of(event, problem);
}

std::shared_ptr<Broker> Bus::producer_broker() const { return core_->connections.producer(); }

std::shared_ptr<Broker> Bus::consumer_broker() const { return core_->connections.consumer(); }

const Settings& Bus::settings() const { return core_->options.settings; }

const Catalogue& Bus::catalogue() const { return core_->options.catalogue; }

void Bus::log(LogLevel level, std::string_view message) const {
    if (core_->options.log) core_->options.log(level, message);
}

std::span<const std::shared_ptr<Observer>> Bus::observers() const { return core_->options.observers; }

}  // namespace eventbus
