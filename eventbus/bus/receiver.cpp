#include "eventbus/bus/receiver.hpp"

#include <deque>
#include <functional>
#include <new>
#include <utility>
#include <vector>

#include "eventbus/bus/dispatch.hpp"
#include "eventbus/event/quote.hpp"

namespace eventbus {

namespace {

std::string unknown_type(const ReceivedEvent& event) {
    return "the catalogue of this program has no event type " + quote(event.metadata.event_type);
}

}  // namespace

HandlingReport Receiver::handle(const ReceivedEvent& event, const HandleOptions& options) {
    HandlingReport report;
    SignalState* signal = signals_.find(event.metadata.event_type);
    if (signal != nullptr && !signal->enabled) return report;
    if (observers_.empty()) {
        give(signal, event, options, report);
        return report;
    }
    for (const auto& observer : observers_) observer->received(event);
    const auto started = std::chrono::steady_clock::now();
    give(signal, event, options, report);
    tell_observers(event, report, std::chrono::steady_clock::now() - started);
    return report;
}

void Receiver::give(SignalState* signal, const ReceivedEvent& event, const HandleOptions& options,
                    HandlingReport& report) {
    if (event.unusable) {
        report.unusable = *event.unusable;
        return;
    }
    if (signal != nullptr) {
        give_to_handlers(*signal, event, options, report);
    } else {
        report.unusable = unknown_type(event);
    }
    give_to_raw_handlers(signal, event, options, report);
}

void Receiver::give_to_handlers(SignalState& signal, const ReceivedEvent& event, const HandleOptions& options,
                                HandlingReport& report) {
    const auto handlers = signal.handlers.snapshot();
    if (!handlers) return;
    bool is_decoded = false;
    const auto use = [&](const void* data) {
        is_decoded = true;
        call_wanted(*handlers, options, event.metadata.id, report.handlers,
                    [&](const TypedCall& call, InboxTransaction* transaction) {
                        call.handle(
                            data,
                            {.metadata = event.metadata, .received = &event, .transaction = transaction});
                    });
    };
    try {
        ScratchLease scratch(scratch_);
        handlers->front()->call.codec->decode(in_our_schema(signal, event, scratch->payload), std::cref(use));
    } catch (const std::bad_alloc&) {
        throw;
    } catch (const std::exception& error) {
        if (is_decoded) throw;
        report.unusable = "the data of " + event.metadata.event_type + " cannot be read: " + error.what();
    }
}

void Receiver::give_to_raw_handlers(const SignalState* signal, const ReceivedEvent& event,
                                    const HandleOptions& options, HandlingReport& report) {
    const auto handlers = handlers_.raw_handlers();
    if (!handlers) return;
    std::string problem;
    RawEvent raw = raw_event(signal, event, problem);
    call_wanted(*handlers, options, event.metadata.id, report.handlers,
                [&](const RawCall& call, InboxTransaction* transaction) {
                    raw.transaction = transaction;
                    call.handle(raw);
                });
}

// `problem` must live as long as what is returned.
RawEvent Receiver::raw_event(const SignalState* signal, const ReceivedEvent& event, std::string& problem) {
    auto schema = schema_of(event, &problem);
    return {.type = signal == nullptr ? nullptr : &signal->type,
            .metadata = event.metadata,
            .payload = event.payload,
            .schema = std::move(schema),
            .schema_problem = problem,
            .received = &event};
}

BatchResults Receiver::handle_batch(std::string_view handler, std::span<const ReceivedEvent* const> events,
                                    HandlerCalls* calls) {
    BatchResults results(events.size());
    SignalState* signal = signals_.find(events.front()->metadata.event_type);
    const auto typed = signal == nullptr ? nullptr : signal->handlers.find(handler);
    const auto raw = typed ? nullptr : handlers_.find_raw(handler);
    const bool is_there = (typed && typed->call.handle_batch) || (raw && raw->call.handle_batch);
    if (!is_there) {
        for (std::size_t i = 0; i < events.size(); ++i)
            results.reject(i, "this consumer has no handler " + quote(handler) + " for the event");
        return results;
    }
    if (calls != nullptr) calls->begins(handler, typed ? typed->options : raw->options);
    try {
        if (typed) {
            give_batch(typed->call, *signal, events, results);
        } else {
            give_raw_batch(raw->call, events, results);
        }
    } catch (...) {
        results.fail_all(std::current_exception());
    }
    if (calls != nullptr) calls->ends();
    return results;
}

void Receiver::give_batch(const TypedCall& call, SignalState& signal,
                          std::span<const ReceivedEvent* const> events, BatchResults& results) {
    std::vector<std::shared_ptr<const void>> kept;
    std::vector<const void*> data;
    std::vector<EventContext> contexts;
    std::vector<std::byte> translated;
    for (const ReceivedEvent* event : events) {
        kept.push_back(call.codec->decode_kept(in_our_schema(signal, *event, translated)));
        data.push_back(kept.back().get());
        contexts.push_back({.metadata = event->metadata, .received = event});
    }
    call.handle_batch(data, contexts, results);
}

void Receiver::give_raw_batch(const RawCall& call, std::span<const ReceivedEvent* const> events,
                              BatchResults& results) {
    std::deque<std::string> problems;
    std::vector<RawEvent> raw;
    for (const ReceivedEvent* event : events)
        raw.push_back(raw_event(signals_.find(event->metadata.event_type), *event, problems.emplace_back()));
    call.handle_batch(raw, results);
}

std::span<const std::byte> Receiver::in_our_schema(SignalState& signal, const ReceivedEvent& event,
                                                   std::vector<std::byte>& translated) {
    if (!event.writer_schema) return event.payload;
    const auto writer = writer_schemas_.find(&signal, event.writer_schema);
    if (!writer->problem.empty()) throw DecodeError(writer->problem);
    if (!writer->resolution) return event.payload;
    writer->resolution->translate(event.payload, translated);
    return translated;
}

std::shared_ptr<const avro::SchemaDocument> Receiver::schema_of(const ReceivedEvent& event,
                                                                std::string* problem) {
    SignalState* signal = signals_.find(event.metadata.event_type);
    if (event.writer_schema) {
        const auto writer = writer_schemas_.find(signal, event.writer_schema);
        if (!writer->document && problem != nullptr) *problem = writer->problem;
        return writer->document;
    }
    if (signal != nullptr) return signal->schema();
    if (problem != nullptr)
        *problem = unknown_type(event) + ", and the sender's schema did not come with the event";
    return nullptr;
}

void Receiver::tell_observers(const ReceivedEvent& event, const HandlingReport& report,
                              Observer::Duration took) const {
    for (const auto& observer : observers_) {
        if (report.unusable) observer->unusable(event, *report.unusable);
        if (report.failed()) observer->failed(event, report.handlers, took);
        if (report.succeeded()) observer->handled(event, took);
    }
}

}  // namespace eventbus
