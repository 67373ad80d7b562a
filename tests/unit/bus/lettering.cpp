#include "lettering.hpp"

#include "eventbus/broker/embedded/embedded_broker.hpp"

namespace eventbus::bus_test {

LetteringTest::LetteringTest() {
    broker_ = memory_;
    if (GetParam() == "embedded") {
        EmbeddedOptions embedded;
        embedded.path = directory_.file("events.db");
        embedded.sync = EmbeddedSync::off;
        broker_ = make_embedded_broker(embedded);
    }
    broker_->admin()->create_topic(topic_, {.partitions = 1, .retention = {}});
    publisher_ = broker_->publisher();
}

ReceivedEvent LetteringTest::event(std::uint64_t offset, std::optional<std::string> key) {
    ReceivedEvent event = received(kettle::KETTLE_BOILED, boiled("kitchen", static_cast<int>(offset)));
    event.position = {Partition{0}, {offset, 0}};
    event.position_text = std::to_string(offset);
    event.key = std::move(key);
    return event;
}

ReceivedEvent LetteringTest::store_letter(const ReceivedEvent& event, const std::string& handler) {
    const Failure failure{FailureReason::failed, handler, "no route", 5, now(), now()};
    return publish(OutgoingDeadLetter::letter(topic_, event, failure, "tea"));
}

void LetteringTest::acknowledge_all() {
    const auto subscription = broker_->subscribe({.topics = {topic_},
                                                  .group = GroupName("tea"),
                                                  .start = Earliest{},
                                                  .reset = {},
                                                  .member = {},
                                                  .prefetch = 1'000});
    const auto events = subscription->poll(1'000, patience);
    std::vector<Receipt> receipts;
    for (const ReceivedEvent& event : events) receipts.push_back({&event.topic, event.position});
    subscription->acknowledge(receipts);
}

void LetteringTest::make_topic_anew() {
    broker_->admin()->delete_topic(topic_);
    broker_->admin()->create_topic(topic_, {.partitions = 1, .retention = {}});
}

ReceivedEvent LetteringTest::publish(const OutgoingDeadLetter& record) {
    const OutgoingEvent event = record.view();
    const Delivery delivery = publisher_->publish({&event, 1}).front();
    if (delivery.failure) std::rethrow_exception(delivery.failure);
    const auto reader = broker_->reader({.topic = topic_, .from = Earliest{}, .to = {}});
    for (auto events = reader->read(100); !events.empty(); events = reader->read(100))
        for (ReceivedEvent& stored : events)
            if (stored.position == delivery.position) return stored;
    throw std::runtime_error("what was published cannot be read");
}

}  // namespace eventbus::bus_test
