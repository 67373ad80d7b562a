#include "eventbus/bus/broker_failure.hpp"

#include "eventbus/event/error.hpp"

namespace eventbus {

bool is_retriable(const std::exception_ptr& failure) {
    try {
        std::rethrow_exception(failure);
    } catch (const BrokerError& error) {
        return error.retriable();
    } catch (...) {
        return false;
    }
}

void throw_broker_error(const std::string& text, const std::exception_ptr& cause) {
    try {
        std::rethrow_exception(cause);
    } catch (const StorageFull&) {
        throw StorageFull(text);
    } catch (...) {
        throw BrokerError(text, is_retriable(cause));
    }
}

}  // namespace eventbus
