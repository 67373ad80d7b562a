#include "eventbus/bus/sender.hpp"

#include <algorithm>
#include <utility>

#include "eventbus/bus/dispatch.hpp"
#include "eventbus/bus/json_string.hpp"
#include "eventbus/event/error.hpp"
#include "eventbus/event/quote.hpp"

namespace eventbus {

namespace {

/// Adds the event as the publisher gets it, once for each route, and a result to fill in for each. The keys'
/// texts begin at `first_key`, and must not move until the events are published. Throws DecodeError when a
/// key cannot be read.
void address(std::span<const Route> routes, Scratch& scratch, std::size_t first_key,
             std::span<const std::byte> payload, SendReport& report) {
    report.topics.reserve(routes.size());
    for (std::size_t i = 0; i < routes.size(); ++i) {
        const Route& route = routes[i];
        const auto key = route.key(payload, scratch.keys[first_key + i]);
        std::optional<std::string> key_text;
        if (key) key_text.emplace(key->text);
        scratch.outgoing.push_back({.topic = &route.topic(),
                                    .metadata = &report.metadata,
                                    .key = key,
                                    .payload = payload,
                                    .schema = route.type().schema,
                                    .headers = nullptr});
        report.topics.push_back({route.topic(), std::move(key_text), {}, nullptr});
    }
}

/// The same for one event alone.
void address(std::span<const Route> routes, Scratch& scratch, std::span<const std::byte> payload,
             SendReport& report) {
    scratch.make_room(routes.size());
    address(routes, scratch, 0, payload, report);
}

SendReport report_of_disabled(const EventType& type) {
    SendReport report;
    report.metadata.event_type = type.type;
    report.enabled = false;
    return report;
}

}  // namespace

SendReport Sender::send(SignalState& signal, const ErasedData& event, const SendOptions& options) {
    if (!signal.enabled) return report_of_disabled(signal.type);
    const Time started = listeners_.start();
    ScratchLease scratch(scratch_);
    SendReport report = handle_here(signal, event, options, scratch->payload);
    if (!signal.routes.empty()) {
        address(signal.routes, *scratch, scratch->payload, report);
        store(*scratch, {&report, 1});
    }
    listeners_.sent(report, started);
    if (!report.stored()) throw SendFailed(std::move(report));
    return report;
}

std::vector<SendReport> Sender::send_all(SignalState& signal, const DataCodec& codec, std::size_t count,
                                         const std::function<const void*(std::size_t)>& data,
                                         const SendOptions& options) {
    if (options.metadata)
        throw InvalidValue("events that are sent together need an id each, so they cannot share metadata");
    if (!signal.enabled) return std::vector<SendReport>(count, report_of_disabled(signal.type));
    const Time started = listeners_.start();
    ScratchLease scratch(scratch_);
    std::vector<std::size_t> ends(count);
    for (std::size_t i = 0; i < count; ++i) {
        codec.encode(data(i), scratch->payload);
        ends[i] = scratch->payload.size();
    }
    scratch->make_room(count * signal.routes.size());
    std::vector<SendReport> reports(count);
    std::span<const std::byte> rest = scratch->payload;
    for (std::size_t i = 0; i < count; ++i) {
        const auto payload = rest.first(ends[i] - (i == 0 ? 0 : ends[i - 1]));
        rest = rest.subspan(payload.size());
        reports[i].metadata = origin_.metadata(signal.type, options);
        call_handlers(signal, {codec, data(i)}, payload, options.dispatch, reports[i]);
        address(signal.routes, *scratch, i * signal.routes.size(), payload, reports[i]);
    }
    if (!scratch->outgoing.empty()) store(*scratch, reports);
    for (const SendReport& report : reports) listeners_.sent(report, started);
    if (!std::ranges::all_of(reports, &SendReport::stored)) throw SendFailed(std::move(reports));
    return reports;
}

void Sender::post(SignalState& signal, const ErasedData& event, const SendOptions& options,
                  PostHandler done) {
    const Time started = listeners_.start();
    if (!signal.enabled) {
        if (done) done(report_of_disabled(signal.type));
        return;
    }
    ScratchLease scratch(scratch_);
    SendReport report = handle_here(signal, event, options, scratch->payload);
    address(signal.routes, *scratch, scratch->payload, report);
    enqueue(*scratch,
            std::make_shared<Posted>(std::move(report), signal.type, listeners_, started, std::move(done)));
}

SendReport Sender::send_raw(const Route& route, std::span<const std::byte> payload,
                            const SendOptions& options) {
    const Time started = listeners_.start();
    SendReport report = report_of_raw(route, options);
    ScratchLease scratch(scratch_);
    address({&route, 1}, *scratch, payload, report);
    store(*scratch, {&report, 1});
    listeners_.sent(report, started);
    if (!report.stored()) throw SendFailed(std::move(report));
    return report;
}

void Sender::post_raw(const Route& route, std::span<const std::byte> payload, const SendOptions& options,
                      PostHandler done) {
    const Time started = listeners_.start();
    SendReport report = report_of_raw(route, options);
    ScratchLease scratch(scratch_);
    address({&route, 1}, *scratch, payload, report);
    enqueue(*scratch,
            std::make_shared<Posted>(std::move(report), route.type(), listeners_, started, std::move(done)));
}

SendReport Sender::report_of_raw(const Route& route, const SendOptions& options) {
    static_cast<void>(connections_.producer());
    SendReport report;
    report.metadata = origin_.metadata(route.type(), options);
    return report;
}

// Encoded even when nobody but handlers in the process gets it, so that data that cannot be sent is found
// wherever the program runs.
SendReport Sender::handle_here(SignalState& signal, const ErasedData& event, const SendOptions& options,
                               std::vector<std::byte>& payload) {
    SendReport report;
    report.metadata = origin_.metadata(signal.type, options);
    event.codec.encode(event.data, payload);
    call_handlers(signal, event, payload, options.dispatch, report);
    return report;
}

void Sender::call_handlers(SignalState& signal, const ErasedData& event, std::span<const std::byte> payload,
                           Dispatch dispatch, SendReport& report) {
    const auto handlers = signal.handlers.snapshot();
    const auto raw_handlers = handlers_.raw_handlers();
    if (handlers) {
        check_same_data(*handlers, event.codec, signal.type);
        const EventContext context{.metadata = report.metadata, .received = nullptr};
        call_each(*handlers, dispatch, report.handlers,
                  [&](const TypedCall& call) { call.handle(event.data, context); });
    }
    if (raw_handlers) {
        const RawEvent raw{.type = &signal.type,
                           .metadata = report.metadata,
                           .payload = payload,
                           .schema = signal.schema(),
                           .schema_problem = {},
                           .received = nullptr};
        call_each(*raw_handlers, dispatch, report.handlers, [&](const RawCall& call) { call.handle(raw); });
    }
    log_failures(report);
}

void Sender::log_failures(const SendReport& report) const {
    if (!listeners_.log) return;
    for (const HandlerResult& result : report.handlers)
        if (result.error)
            listeners_.log(LogLevel::error, "handler " + quote(result.name) + " failed on " +
                                                report.metadata.event_type + " " +
                                                report.metadata.id.to_string() + ": " +
                                                one_line(error_text(result.error)));
}

void Sender::store(const Scratch& scratch, std::span<SendReport> reports) {
    try {
        const std::vector<Delivery> deliveries = connections_.publisher().publish(scratch.outgoing);
        auto delivery = deliveries.begin();
        for (SendReport& report : reports) {
            for (TopicResult& result : report.topics) {
                result.position = delivery->position;
                result.failure = delivery->failure;
                ++delivery;
            }
        }
    } catch (...) {
        for (SendReport& report : reports)
            for (TopicResult& result : report.topics) result.failure = std::current_exception();
    }
}

void Sender::enqueue(Scratch& scratch, const std::shared_ptr<Posted>& posted) {
    if (scratch.outgoing.empty()) return posted->finish();
    if (!posted->is_told()) posted->keep(scratch.outgoing.front().payload);
    for (std::size_t i = 0; i < scratch.outgoing.size(); ++i) {
        scratch.outgoing[i].metadata = &posted->report().metadata;
        try {
            connections_.publisher().enqueue(
                scratch.outgoing[i], [posted, i](const Delivery& delivery) { posted->settle(i, delivery); });
        } catch (...) {
            posted->settle(i, {{}, std::current_exception()});
        }
    }
}

}  // namespace eventbus
