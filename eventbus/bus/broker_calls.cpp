#include "eventbus/bus/broker_calls.hpp"

#include "eventbus/bus/json_string.hpp"

namespace eventbus {

namespace {

std::string seconds(std::chrono::milliseconds time) {
    return std::to_string(time.count() / 1000) + "." + std::to_string(time.count() / 100 % 10) + " s";
}

}  // namespace

bool BrokerCalls::wait(std::string_view what, const BrokerError& error) {
    const bool stops = stop_.stop_requested();
    bus_.log(LogLevel::warning, "group " + group_ + " cannot " + std::string(what) +
                                    (stops ? "" : ", and tries again in " + seconds(backoff_.next())) + ": " +
                                    one_line(error.what()));
    if (stops) return false;
    backoff_.wait(stop_);
    return true;
}

}  // namespace eventbus
