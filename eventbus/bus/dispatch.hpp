#pragma once

#include <exception>
#include <vector>

#include "eventbus/bus/handler_list.hpp"
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
        results.push_back({handler->name, error});
    }
}

}  // namespace eventbus
