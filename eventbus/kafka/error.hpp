#pragma once

#include <librdkafka/rdkafka.h>

#include <exception>
#include <string>

#include "eventbus/event/error.hpp"

namespace eventbus::kafka {

/// What an error code of Kafka or librdkafka says, in words: `Broker: Unknown topic or partition`.
[[nodiscard]] std::string text_of(rd_kafka_resp_err_t code);

/// The same request may succeed later without anyone changing anything.
[[nodiscard]] bool is_retriable(rd_kafka_resp_err_t code);

/// `what` failed: a NotFound for a topic or partition that is not there, an InvalidValue for a message that
/// is too large, else a BrokerError with a hint what to do where there is one. `detail` is what more is
/// known.
[[noreturn]] void throw_error(const std::string& what, rd_kafka_resp_err_t code,
                              const std::string& detail = {});
[[nodiscard]] std::exception_ptr make_error(const std::string& what, rd_kafka_resp_err_t code,
                                            const std::string& detail = {});

/// A group's coordinator is not there yet, or no longer: a cluster that started a moment ago, or lost a
/// broker.
class CoordinatorAway : public BrokerError {
  public:
    CoordinatorAway(const std::string& what, bool is_elsewhere)
        : BrokerError(what, true), is_elsewhere_(is_elsewhere) {}

    /// Another broker is the group's coordinator than the one that was asked.
    [[nodiscard]] bool is_elsewhere() const { return is_elsewhere_; }

  private:
    bool is_elsewhere_;
};

/// Throws when it is one, and destroys it.
void check(const std::string& what, rd_kafka_error_t* error);
void check(const std::string& what, rd_kafka_resp_err_t code);

}  // namespace eventbus::kafka
