#include "eventbus/command/print_handler.hpp"

#include <unistd.h>

#include "eventbus/bus/cloudevent_json.hpp"
#include "eventbus/command/output.hpp"

namespace eventbus {

void PrintHandler::operator()(const RawEvent& event) {
    const std::lock_guard lock(mutex_);
    line_.clear();
    append_cloudevent(line_, event);
    line_ += '\n';
    write_fully(STDOUT_FILENO, line_, "standard output");
}

}  // namespace eventbus
