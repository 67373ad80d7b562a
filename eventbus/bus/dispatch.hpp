#pragma once

#include <algorithm>
#include <exception>
#include <vector>

#include "eventbus/bus/bus.hpp"
#include "eventbus/bus/handler_list.hpp"
#include "eventbus/bus/inbox.hpp"
#include "eventbus/bus/send.hpp"

namespace eventbus {

/// Calls `invoke` with each handler's function in order, and notes what became of it. Strictly, what a
/// handler throws ends it.
template <class Handlers, class Invoke>
void call_each(const Handlers& handlers, Dispatch dispatch, std::vector<HandlerResult>& results,
               const Invoke& invoke) {
    for (const auto& handler : handlers) {
        std::exception_ptr error;
        try {
            invoke(handler->call);
        } catch (...) {
            if (dispatch == Dispatch::strict) throw;
            error = std::current_exception();
        }
        results.push_back({.name = handler->name, .error = error});
    }
}

/// Calls `invoke` with each handler that `options` wants, in order and robustly, and the inbox's transaction
/// where the handler works in one; notes what became of it. A handler that has finished the event already is
/// passed over.
template <class Handlers, class Invoke>
void call_wanted(const Handlers& handlers, const HandleOptions& options, const Uuid& event,
                 std::vector<HandlerResult>& results, const Invoke& invoke) {
    for (const auto& handler : handlers) {
        const bool is_wanted =
            options.only.empty() || std::ranges::find(options.only, handler->name) != options.only.end();
        if (!is_wanted) continue;
        if (options.defers_batches && handler->call.handle_batch) {
            results.push_back({handler->name, nullptr, true});
            continue;
        }
        std::exception_ptr error;
        if (options.calls != nullptr) options.calls->begins(handler->name, handler->options);
        try {
            const InboxUse use = handler->options.inbox;
            if (use == InboxUse::no || options.inbox == nullptr) {
                invoke(handler->call, nullptr);
            } else {
                options.inbox->run_once(
                    {options.group, handler->name, event}, use,
                    [&](InboxTransaction* transaction) { invoke(handler->call, transaction); });
            }
        } catch (...) {
            error = std::current_exception();
        }
        if (options.calls != nullptr) options.calls->ends();
        results.push_back({.name = handler->name, .error = error});
    }
}

}  // namespace eventbus
