#pragma once

#include <atomic>
#include <csignal>

#include "eventbus/broker/subscription.hpp"

// How a peer ends well at SIGTERM, which Process holds back from a peer's birth until it is ready.
namespace eventbus::faults {

/// Set by SIGTERM.
inline std::atomic<bool> must_end = false;
/// What SIGTERM wakes; null for nothing.
inline std::atomic<Subscription*> to_wake = nullptr;

inline void let_sigterm_in() {
    sigset_t term;
    ::sigemptyset(&term);
    ::sigaddset(&term, SIGTERM);
    ::pthread_sigmask(SIG_UNBLOCK, &term, nullptr);
}

inline void end_at_sigterm() {
    struct sigaction action {};
    action.sa_handler = [](int) {
        must_end = true;
        if (Subscription* const subscription = to_wake) subscription->wake();
    };
    ::sigaction(SIGTERM, &action, nullptr);
    let_sigterm_in();
}

}  // namespace eventbus::faults
