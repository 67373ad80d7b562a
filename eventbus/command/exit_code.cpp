#include "eventbus/command/exit_code.hpp"

#include "eventbus/bus/error_streak.hpp"
#include "eventbus/bus/send.hpp"

namespace eventbus {

namespace {

// A failed send tells what became of the event; its cause tells what the operator can do about it.
ExitCode exit_code_of_send(const SendFailed& failed) {
    if (failed.cause() == nullptr) return ExitCode::broker;
    try {
        std::rethrow_exception(failed.cause());
    } catch (const std::exception& cause) {
        const ExitCode code = exit_code_of(cause);
        return code == ExitCode::unexpected ? ExitCode::broker : code;
    } catch (...) {
        return ExitCode::broker;
    }
}

}  // namespace

ExitCode exit_code_of(const std::exception& error) {
    if (const auto* own = dynamic_cast<const CommandError*>(&error)) return own->code();
    if (dynamic_cast<const SettingsError*>(&error) != nullptr) return ExitCode::settings;
    if (dynamic_cast<const InvalidValue*>(&error) != nullptr) return ExitCode::bad_input;
    if (dynamic_cast<const DecodeError*>(&error) != nullptr) return ExitCode::bad_input;
    if (dynamic_cast<const StorageFull*>(&error) != nullptr) return ExitCode::storage_full;
    if (dynamic_cast<const NotFound*>(&error) != nullptr) return ExitCode::not_found;
    if (const auto* send = dynamic_cast<const SendFailed*>(&error)) return exit_code_of_send(*send);
    if (dynamic_cast<const BrokerError*>(&error) != nullptr) return ExitCode::broker;
    if (dynamic_cast<const TooManyErrors*>(&error) != nullptr) return ExitCode::too_many_errors;
    return ExitCode::unexpected;
}

ExitCode exit_code_of_signal(int signal) { return static_cast<ExitCode>(128 + signal); }

}  // namespace eventbus
