#include "eventbus/kafka/admin_call.hpp"

#include <array>

#include "eventbus/kafka/error.hpp"

namespace eventbus::kafka {

AdminCall::AdminCall(const Client& client, rd_kafka_admin_op_t operation, std::chrono::milliseconds limit)
    : client_(client),
      options_(rd_kafka_AdminOptions_new(client.get(), operation)),
      queue_(rd_kafka_queue_new(client.get())) {
    std::array<char, 200> error{};
    const auto code = rd_kafka_AdminOptions_set_request_timeout(
        options_.get(), static_cast<int>(limit.count()), error.data(), error.size());
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR)
        throw_error("a request to Kafka cannot be made", code, error.data());
}

Event AdminCall::answer(const std::string& what) const {
    constexpr int for_ever = -1;
    Event event(rd_kafka_queue_poll(queue_.get(), for_ever));
    const auto code = rd_kafka_event_error(event.get());
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR) return event;
    rd_kafka_poll(client_.get(), 0);
    throw_error(what, code, client_.last_trouble());
}

}  // namespace eventbus::kafka
