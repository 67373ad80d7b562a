#include "eventbus/bus/handler.hpp"

namespace eventbus {

std::string error_text(const std::exception_ptr& error) {
    try {
        std::rethrow_exception(error);
    } catch (const std::exception& known) {
        return known.what();
    } catch (...) {
        return "an exception that is no std::exception";
    }
}

}  // namespace eventbus
