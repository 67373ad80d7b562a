#include "bus_file.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iterator>

#include "eventbus/event/error.hpp"

namespace eventbus::faults {

namespace {

const TopicName& the_topic() {
    static const TopicName topic("topic");
    return topic;
}

std::vector<std::string> consume(Broker& broker, std::uint64_t count) {
    SubscribeOptions options{
        .topics = {the_topic()}, .group = GroupName("reader"), .reset = Earliest{}, .member = {}};
    const auto subscription = broker.subscribe(options);
    std::vector<std::string> payloads;
    while (payloads.size() < count) {
        const auto events = subscription->poll(1000, std::chrono::seconds(5));
        if (events.empty()) break;
        std::vector<Receipt> receipts;
        for (const ReceivedEvent& event : events) {
            std::string payload(event.payload.size(), '\0');
            std::ranges::transform(event.payload, payload.begin(),
                                   [](std::byte byte) { return static_cast<char>(byte); });
            payloads.push_back(std::move(payload));
            receipts.push_back({&event.topic, event.position});
        }
        subscription->acknowledge(receipts);
    }
    subscription->close();
    return payloads;
}

std::uint64_t stored_events(Broker& broker) {
    std::uint64_t count = 0;
    if (const auto info = broker.admin()->topic(the_topic()))
        for (const PartitionInfo& partition : info->partitions) count += partition.events;
    return count;
}

}  // namespace

std::shared_ptr<Broker> BusFile::broker() const {
    EmbeddedOptions options;
    options.path = path_.string();
    options.new_topic.partitions = 1;
    return make_embedded_broker(options);
}

void BusFile::publish(Publisher& publisher, const std::string& payload) {
    EventMetadata metadata;
    metadata.event_type = "org.openedx.learning.course.enrollment.created.v1";
    metadata.id = Uuid::make_v1();
    OutgoingEvent event;
    event.topic = &the_topic();
    event.metadata = &metadata;
    event.payload = std::as_bytes(std::span(payload));
    const auto deliveries = publisher.publish(std::span(&event, 1));
    if (deliveries.at(0).failure) std::rethrow_exception(deliveries[0].failure);
}

std::vector<std::string> BusFile::stored() const {
    const auto connection = broker();
    return consume(*connection, stored_events(*connection));
}

void BusFile::use() const {
    const auto connection = broker();
    const auto admin = connection->admin();
    static_cast<void>(admin->topics());
    static_cast<void>(admin->groups(the_topic()));
    publish(*connection->publisher(), "of a broken file?");
    static_cast<void>(consume(*connection, std::min<std::uint64_t>(stored_events(*connection), 100'000)));
}

Refusal refusal_of(const std::function<void()>& act) {
    try {
        act();
        ADD_FAILURE() << "nothing was refused";
    } catch (const StorageFull& error) {
        return {error.what(), error.retriable(), true};
    } catch (const BrokerError& error) {
        return {error.what(), error.retriable(), false};
    } catch (const std::exception& error) {
        ADD_FAILURE() << "not a BrokerError: " << error.what();
    }
    return {};
}

std::string bytes_of(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

void write_bytes(const std::filesystem::path& path, const std::string& bytes) {
    std::ofstream(path, std::ios::binary).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

}  // namespace eventbus::faults
