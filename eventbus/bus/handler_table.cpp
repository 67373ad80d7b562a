#include "eventbus/bus/handler_table.hpp"

#include <utility>

#include "eventbus/event/error.hpp"
#include "eventbus/event/quote.hpp"

namespace eventbus {

namespace {

[[noreturn]] void fail_taken(const std::string& where, const std::string& name) {
    throw InvalidValue(where + " has a handler " + quote(name) +
                       " already; give this one another name, or disconnect the other first");
}

void check_batch(const std::string& name, const HandlerOptions& options) {
    if (options.batch.most == 0)
        throw InvalidValue("a batch for the handler " + quote(name) + " needs at least 1 event");
    if (options.inbox != InboxUse::no)
        throw InvalidValue(
            "the handler " + quote(name) +
            " takes batches, which the inbox does not know; keep count of them in the handler");
}

}  // namespace

void check_same_data(const HandlerList<TypedCall>::Handlers& handlers, const DataCodec& codec,
                     const EventType& type) {
    if (handlers.front()->call.codec->type == codec.type) return;
    throw InvalidValue(std::string(type.type) + " has handlers of another C++ type of data (" +
                       handlers.front()->call.codec->type.name() + ", not " + codec.type.name() +
                       "); use one signal for an event type");
}

HandlerId HandlerTable::connect(SignalState& signal, std::string name, TypedCall call,
                                const HandlerOptions& options) {
    if (call.handle_batch) check_batch(name, options);
    const std::lock_guard lock(mutex_);
    if (const auto others = signal.handlers.snapshot()) check_same_data(*others, *call.codec, signal.type);
    if (signal.handlers.has(name)) fail_taken(std::string(signal.type.type), name);
    if (options.inbox != InboxUse::no) needs_inbox_ = true;
    const HandlerId id = next_id();
    signal_of_.emplace(id, &signal);
    signal.handlers.add({id, std::move(name), std::move(call), options});
    return id;
}

HandlerId HandlerTable::connect_all(std::string name, RawCall call, const HandlerOptions& options) {
    if (call.handle_batch) check_batch(name, options);
    const std::lock_guard lock(mutex_);
    if (raw_.has(name)) fail_taken("the bus", name);
    if (options.inbox != InboxUse::no) needs_inbox_ = true;
    const HandlerId id = next_id();
    signal_of_.emplace(id, nullptr);
    raw_.add({id, std::move(name), std::move(call), options});
    return id;
}

bool HandlerTable::disconnect(HandlerId handler) {
    // Dropped last, when the lock is free.
    std::shared_ptr<const HandlerList<TypedCall>::Handlers> before;
    std::shared_ptr<const RawHandlers> raw_before;
    const std::lock_guard lock(mutex_);
    const auto found = signal_of_.find(handler);
    if (found == signal_of_.end()) return false;
    if (found->second != nullptr) {
        before = found->second->handlers.remove(handler);
    } else {
        raw_before = raw_.remove(handler);
    }
    signal_of_.erase(found);
    return true;
}

HandlerId HandlerTable::next_id() { return HandlerId{++last_id_}; }

}  // namespace eventbus
