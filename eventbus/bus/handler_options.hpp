#pragma once

#include <chrono>
#include <optional>

#include "eventbus/bus/batch.hpp"
#include "eventbus/bus/retry_policy.hpp"

namespace eventbus {

/// Whether events that a handler has finished are remembered, so that it does not run twice for one.
enum class InboxUse {
    no,
    /// The event is noted after the handler returned: only a death in between makes it run again.
    remember,
    /// The handler does its work in the inbox's transaction (EventContext::transaction), which notes the
    /// event too: its effect is there exactly once.
    transaction,
};

/// How a consumer treats one handler; what is unset is as the settings say. Sending in the process does not
/// look at it.
struct HandlerOptions {
    std::optional<RetryPolicy> retry = {};
    /// How long a call may take before it is reported; it is not interrupted.
    std::optional<std::chrono::milliseconds> time_limit = {};
    /// Not for handlers of batches.
    InboxUse inbox = InboxUse::no;
    /// For handlers of batches.
    BatchOptions batch = {};
};

}  // namespace eventbus
