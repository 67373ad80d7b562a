#pragma once

#include <functional>

#include "eventbus/bus/bus.hpp"
#include "eventbus/bus/consumer.hpp"
#include "eventbus/command/exit_code.hpp"
#include "eventbus/command/stop_signals.hpp"

namespace eventbus {

/// The whole of a service's consumer program: reads the arguments, then the settings from the environment,
/// warns about unknown ones, logs to standard error, makes the bus, has `connect` connect the handlers, and
/// does what `run_consume_events` does. Returns the exit code; errors are told on standard error.
///     int main(int argc, char** argv) {
///         return eventbus::consume_events_main(argc, argv, [](eventbus::Bus& bus) {
///             bus.connect(eventbus::learning::STUDENT_REGISTRATION_COMPLETED, "welcome", send_welcome);
///         });
///     }
[[nodiscard]] int consume_events_main(int argc, const char* const* argv,
                                      const std::function<void(Bus&)>& connect,
                                      const Catalogue& catalogue = openedx_catalogue(),
                                      const BrokerCatalogue& backends = standard_backends());

/// The same for a program that has its bus, with handlers connected: reads the arguments, which are those of
/// `eventbus consume_events` (`argv[1]` may be that name), and consumes until the end that they say, or until
/// SIGTERM or SIGINT. Takes these signals over meanwhile (see StopSignals), and ignores broken pipes.
[[nodiscard]] int run_consume_events(Bus& bus, int argc, const char* const* argv);

/// Consumes until the end that `options` say or until a signal asks to stop. Returns `ok`, or
/// `events_failed` when it came to its own end and some events were not handled; throws CommandError from a
/// handler, BrokerError. Ends the process with `overdue` when the handler outlasts the time to stop: before
/// that, and before a second signal ends the process, `clean_up` is called from another thread.
[[nodiscard]] ExitCode consume_until_stopped(Bus& bus, ConsumeOptions options, StopSignals& signals,
                                             const std::function<void()>& clean_up = {});

}  // namespace eventbus
