#pragma once

#include <mutex>
#include <string>

#include "eventbus/bus/event_context.hpp"

namespace eventbus {

/// A handler that prints each event as one line of CloudEvents JSON to standard output. It returns when the
/// line is written. Throws OutputError, which ends the consumer: what could not be written is handed out
/// again. Thread-safe.
class PrintHandler {
  public:
    void operator()(const RawEvent& event);

  private:
    std::mutex mutex_;
    std::string line_;
};

}  // namespace eventbus
