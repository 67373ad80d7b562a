#include "fixture.hpp"

#include <algorithm>
#include <set>
#include <thread>

namespace eventbus::conformance {

using Clock = std::chrono::steady_clock;

TestStore& Conformance::store() {
    if (!store_) store_ = backend().make_store();
    return *store_;
}

Broker& Conformance::broker() {
    if (!broker_) broker_ = store().connect();
    return *broker_;
}

Publisher& Conformance::publisher() {
    if (!publisher_) publisher_ = broker().publisher();
    return *publisher_;
}

Admin& Conformance::admin() {
    if (!admin_) admin_ = broker().admin();
    return *admin_;
}

void Conformance::reconnect() {
    publisher_.reset();
    admin_.reset();
    broker_.reset();
    broker_ = store().connect();
}

TopicName Conformance::make_topic(const std::string& name, std::int32_t partitions,
                                  const Retention& retention) {
    const TopicName topic(name);
    admin().create_topic(topic, {backend().features.partitions ? partitions : 1, retention});
    return topic;
}

void Conformance::need_topics(std::span<const Message> batch) {
    if (backend().features.makes_topics) return;
    std::set<std::string> names;
    for (const Message& message : batch)
        if (names.insert(message.topic.str()).second && !admin().topic(message.topic))
            admin().create_topic(message.topic, {});
}

std::vector<Position> Conformance::publish(std::span<const Message> batch) {
    need_topics(batch);
    std::vector<OutgoingEvent> events;
    for (const Message& message : batch) events.push_back(message.view());
    const std::vector<Delivery> deliveries = publisher().publish(events);
    EXPECT_EQ(deliveries.size(), batch.size());
    std::vector<Position> positions;
    for (const Delivery& delivery : deliveries) {
        if (delivery.failure) std::rethrow_exception(delivery.failure);
        positions.push_back(delivery.position);
    }
    return positions;
}

Position Conformance::publish(const Message& message) { return publish(std::span(&message, 1)).at(0); }

Timestamp Conformance::publish_apart(std::span<const Message> old_ones, std::span<const Message> new_ones) {
    constexpr std::chrono::milliseconds apart{20};
    publish(old_ones);
    std::this_thread::sleep_for(apart);
    const Timestamp between = now();
    std::this_thread::sleep_for(apart);
    publish(new_ones);
    return between;
}

SubscribeOptions Conformance::options(const TopicName& topic, const std::string& group) const {
    return {.topics = {topic}, .group = GroupName(group), .start = Earliest{}, .reset = {}, .member = {}};
}

Member Conformance::subscribe(const TopicName& topic, const std::string& group, const StartAt& start) {
    SubscribeOptions chosen = options(topic, group);
    chosen.start = start;
    return subscribe(chosen);
}

GroupInfo Conformance::group_info(const TopicName& topic, const std::string& group) {
    const auto groups = admin().groups(topic);
    const auto found =
        std::ranges::find(groups, group, [](const GroupInfo& info) { return info.name.str(); });
    if (found != groups.end()) return *found;
    ADD_FAILURE() << "no group " << group << " on topic " << topic.str();
    return {GroupName(group), topic, {}};
}

std::uint64_t Conformance::group_lag(const TopicName& topic, const std::string& group) {
    std::uint64_t lag = 0;
    for (const auto& partition : group_info(topic, group).partitions) lag += partition.lag;
    return lag;
}

std::uint64_t Conformance::stored(const TopicName& topic) {
    std::uint64_t events = 0;
    const auto info = admin().topic(topic);
    if (!info) return 0;
    for (const PartitionInfo& partition : info->partitions) events += partition.events;
    return events;
}

void Conformance::settle(const TopicName& topic, std::vector<Member>& members, const std::string& group) {
    const auto shared_fairly = [&] {
        std::size_t owned = 0;
        std::size_t least = SIZE_MAX;
        std::size_t most = 0;
        for (const Member& member : members) {
            const std::size_t share = member->lag().size();
            owned += share;
            least = std::min(least, share);
            most = std::max(most, share);
        }
        if (owned == 0) return false;
        const GroupInfo info = group_info(topic, group);
        const bool all_owned = std::ranges::none_of(
            info.partitions, [](const GroupInfo::PartitionState& state) { return state.owner.empty(); });
        return all_owned && owned == info.partitions.size() && most - least <= 1;
    };
    const auto refuse = [](std::size_t, Subscription&, const Events& events) {
        ADD_FAILURE() << "unexpected " << text(events.front());
    };
    EXPECT_TRUE(poll_in_turn(members, refuse, shared_fairly)) << "the partitions are never shared fairly";
}

void expect_schema(const ReceivedEvent& event, const std::string& sent) {
    if (backend().features.tells_schema) {
        ASSERT_NE(event.writer_schema, nullptr);
        EXPECT_EQ(*event.writer_schema, sent);
    } else {
        EXPECT_EQ(event.writer_schema, nullptr);
    }
}

Events receive(Subscription& member, std::size_t count) {
    Events all;
    const auto deadline = Clock::now() + patience;
    while (all.size() < count && Clock::now() < deadline) {
        Events some = member.poll(1000, std::chrono::milliseconds{1000});
        std::ranges::move(some, std::back_inserter(all));
    }
    return all;
}

Events glimpse(Subscription& member) {
    Events all;
    const auto deadline = Clock::now() + glance;
    do {
        Events some = member.poll(1000, glance);
        std::ranges::move(some, std::back_inserter(all));
    } while (Clock::now() < deadline);
    return all;
}

Events read_all(Reader& reader, std::size_t most) {
    Events all;
    for (Events some = reader.read(most); !some.empty(); some = reader.read(most)) {
        EXPECT_LE(some.size(), most);
        std::ranges::move(some, std::back_inserter(all));
    }
    return all;
}

void acknowledge(Subscription& member, std::span<const ReceivedEvent> events) {
    std::vector<Receipt> receipts;
    for (const ReceivedEvent& event : events) receipts.push_back({&event.topic, event.position});
    member.acknowledge(receipts);
}

void acknowledge(Subscription& member, const ReceivedEvent& event) {
    acknowledge(member, std::span(&event, 1));
}

bool poll_in_turn(std::vector<Member>& members, const Handler& handle, const std::function<bool()>& done) {
    const auto deadline = Clock::now() + patience;
    while (!done()) {
        if (Clock::now() >= deadline) return false;
        for (std::size_t i = 0; i < members.size(); ++i) {
            if (!members[i]) continue;
            const Events events = members[i]->poll(100, std::chrono::milliseconds{5});
            if (!events.empty()) handle(i, *members[i], events);
        }
    }
    return true;
}

std::string id_of(const ReceivedEvent& event, std::int32_t partitions) {
    if (partitions == 1 || !backend().features.partitions) return event.position_text;
    return std::to_string(static_cast<std::int32_t>(event.position.partition)) + ":" + event.position_text;
}

}  // namespace eventbus::conformance
