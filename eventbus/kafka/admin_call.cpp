#include "eventbus/kafka/admin_call.hpp"

#include <array>
#include <cstdint>
#include <utility>

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
    return checked(Event(rd_kafka_queue_poll(queue_.get(), for_ever)), what);
}

Event AdminCall::answer_if_there(const std::string& what) const {
    Event event(rd_kafka_queue_poll(queue_.get(), 0));
    return event ? checked(std::move(event), what) : nullptr;
}

void AdminCall::wake(int descriptor) const {
    constexpr std::uint64_t one = 1;
    rd_kafka_queue_io_event_enable(queue_.get(), descriptor, &one, sizeof one);
}

Event AdminCall::checked(Event event, const std::string& what) const {
    const auto code = rd_kafka_event_error(event.get());
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR) return event;
    client_.hear_reports();
    throw_error(what, code, client_.last_trouble());
}

}  // namespace eventbus::kafka
