#pragma once

#include <functional>
#include <memory>
#include <stop_token>
#include <utility>

namespace eventbus {

/// While it lives, SIGTERM and SIGINT ask the program to stop instead of ending it: the first one requests a
/// stop, a second one ends the process at once, as the signal would have. A signal that was ignored when it
/// was made (SIGINT of a background job) stays ignored. At most one of them in a process at a time. Works
/// whatever threads the process has, and costs one that sleeps.
class StopSignals {
  public:
    StopSignals();
    StopSignals(const StopSignals&) = delete;
    StopSignals& operator=(const StopSignals&) = delete;
    /// The signals do again what they did before.
    ~StopSignals();

    [[nodiscard]] std::stop_token token() const;
    /// The signal that asked to stop; 0 when none did.
    [[nodiscard]] int signal() const;

    /// What to do, on a thread of its own, before a second signal ends the process: end children. Empty for
    /// nothing; when the call returns, what was set before is not running and will not be called.
    void before_abrupt_end(std::function<void()> clean_up);

  private:
    class Watch;
    std::unique_ptr<Watch> watch_;
};

/// Sets what to do before an abrupt end, for as long as it lives.
class BeforeAbruptEnd {
  public:
    BeforeAbruptEnd(StopSignals& signals, std::function<void()> clean_up) : signals_(signals) {
        signals_.before_abrupt_end(std::move(clean_up));
    }
    BeforeAbruptEnd(const BeforeAbruptEnd&) = delete;
    BeforeAbruptEnd& operator=(const BeforeAbruptEnd&) = delete;
    ~BeforeAbruptEnd() { signals_.before_abrupt_end({}); }

  private:
    StopSignals& signals_;
};

}  // namespace eventbus
