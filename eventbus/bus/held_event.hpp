#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "eventbus/broker/subscription.hpp"
#include "eventbus/bus/failure.hpp"

namespace eventbus {

/// A handler that has failed on an event and is tried again.
struct PendingHandler {
    /// What is known of its failures so far.
    Failure failure;
    std::chrono::steady_clock::time_point due;
};

/// An event that a consumer was handed and has not acknowledged.
struct HeldEvent {
    /// As the handlers see it.
    ReceivedEvent event;
    /// What is acknowledged when it is finished.
    Receipt receipt;
    /// The handlers it is for, before it was tried; empty for all.
    std::vector<std::string> only = {};
    /// It was sent on from the dead letters.
    bool redriven = false;
    bool tried = false;
    /// The handlers that it is for, once it was tried.
    std::vector<PendingHandler> pending = {};
    /// Handlers that take it together with others.
    std::vector<std::string> batch_handlers = {};
    /// Handlers that gave it up, until that is settled.
    std::vector<Failure> given_up = {};
    /// Some handlers gave it up, and that is settled.
    bool settled = false;
};

}  // namespace eventbus
