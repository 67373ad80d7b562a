#include "eventbus/broker/kafka/admin.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <map>
#include <thread>
#include <utility>

#include "eventbus/broker/kafka/group_members.hpp"
#include "eventbus/broker/kafka/group_offsets.hpp"
#include "eventbus/broker/kafka/moves.hpp"
#include "eventbus/broker/kafka/topic_config.hpp"
#include "eventbus/broker/kafka/topics.hpp"
#include "eventbus/event/error.hpp"
#include "eventbus/event/forks.hpp"
#include "eventbus/event/quote.hpp"
#include "eventbus/kafka/admin_call.hpp"
#include "eventbus/kafka/error.hpp"

namespace eventbus::kafka_topics {

namespace {

constexpr std::chrono::milliseconds pause{20};

struct DestroyNewTopic {
    void operator()(rd_kafka_NewTopic_t* topic) const { rd_kafka_NewTopic_destroy(topic); }
};
struct DestroyDeleteTopic {
    void operator()(rd_kafka_DeleteTopic_t* topic) const { rd_kafka_DeleteTopic_destroy(topic); }
};
struct DestroyDeleteRecords {
    void operator()(rd_kafka_DeleteRecords_t* records) const { rd_kafka_DeleteRecords_destroy(records); }
};

rd_kafka_resp_err_t error_of(const rd_kafka_topic_result_t* const* results, std::size_t count,
                             std::string& text) {
    if (count == 0) return RD_KAFKA_RESP_ERR_NO_ERROR;
    const char* const told = rd_kafka_topic_result_error_string(results[0]);
    text = told == nullptr ? std::string() : told;
    return rd_kafka_topic_result_error(results[0]);
}

/// Names of all groups, those beside a group left out.
std::vector<std::string> list_groups(const kafka::Client& client) {
    const kafka::AdminCall call(client, RD_KAFKA_ADMIN_OP_LISTCONSUMERGROUPS, time_to_answer);
    rd_kafka_ListConsumerGroups(client.get(), call.options(), call.queue());
    const kafka::Event event = call.answer("cannot list the groups");
    std::size_t count = 0;
    const auto* const* const groups = rd_kafka_ListConsumerGroups_result_valid(
        rd_kafka_event_ListConsumerGroups_result(event.get()), &count);
    std::vector<std::string> names;
    for (std::size_t i = 0; i < count; ++i) {
        std::string name = rd_kafka_ConsumerGroupListing_group_id(groups[i]);
        if (!is_group_of_moves(name)) names.push_back(std::move(name));
    }
    std::sort(names.begin(), names.end());
    return names;
}

}  // namespace

KafkaAdmin::KafkaAdmin(std::shared_ptr<const Options> options) : options_(std::move(options)) {}

KafkaAdmin::Clients& KafkaAdmin::clients() {
    const Turn turn(starting_);
    if (Clients* const clients = clients_.find()) return *clients;
    return clients_.set(std::make_unique<Clients>(options_->for_admin(), options_->log));
}

std::vector<TopicInfo> KafkaAdmin::topics() {
    std::vector<TopicInfo> infos;
    for (const TopicState& topic : list_topics(client()))
        if (auto info = find_info(topic.name, topic.partitions)) infos.push_back(std::move(*info));
    return infos;
}

std::optional<TopicInfo> KafkaAdmin::topic(const TopicName& name) {
    const auto partitions = partitions_of(client(), name.str());
    return partitions ? find_info(name.str(), *partitions) : std::nullopt;
}

// It may be deleted while it is looked at.
std::optional<TopicInfo> KafkaAdmin::find_info(const std::string& name, std::int32_t partitions) {
    try {
        return info_of(name, partitions);
    } catch (const NotFound&) {
        return std::nullopt;
    }
}

TopicInfo KafkaAdmin::info_of(const std::string& name, std::int32_t partitions) {
    TopicInfo info{.name = TopicName(name),
                   .partitions = {},
                   .retention = retention_of(client(), name, partitions),
                   .bytes = {},
                   .most_events = {}};
    for (std::int32_t i = 0; i < partitions; ++i) {
        const Stored stored = stored_in(client(), name, i);
        info.partitions.push_back({Partition{i}, numbered(stored.begin), numbered(stored.end),
                                   static_cast<std::uint64_t>(stored.end - stored.begin)});
    }
    return info;
}

void KafkaAdmin::create_topic(const TopicName& name, const TopicOptions& options) {
    if (options.partitions < 1) throw InvalidValue("a topic has at least one partition");
    const std::string what = "cannot make the topic " + name.str();
    if (const auto there = partitions_of(client(), name.str())) {
        if (*there != options.partitions)
            throw InvalidValue("the topic " + name.str() + " is there, with " + std::to_string(*there) +
                               " partitions and not " + std::to_string(options.partitions));
        set_retention(client(), name.str(), options);
        return;
    }
    std::string text;
    constexpr std::int32_t replication_of_the_cluster = -1;
    std::array<char, 200> error{};
    const std::unique_ptr<rd_kafka_NewTopic_t, DestroyNewTopic> topic(rd_kafka_NewTopic_new(
        name.str().c_str(), options.partitions, options.replication.value_or(replication_of_the_cluster),
        error.data(), error.size()));
    if (!topic) throw InvalidValue(what + ": " + error.data());
    for (const auto& [key, value] : config_of(options))
        rd_kafka_NewTopic_set_config(topic.get(), key.c_str(), value.c_str());
    const kafka::AdminCall call(client(), RD_KAFKA_ADMIN_OP_CREATETOPICS, time_to_answer);
    auto* one = topic.get();
    rd_kafka_CreateTopics(client().get(), &one, 1, call.options(), call.queue());
    const kafka::Event event = call.answer(what);
    std::size_t count = 0;
    const auto* const* const results =
        rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event.get()), &count);
    const auto code = error_of(results, count, text);
    // Another one made it meanwhile.
    if (code == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS) return create_topic(name, options);
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) kafka::throw_error(what, code, text);
    wait_until(name, true);
}

void KafkaAdmin::delete_topic(const TopicName& name) {
    const std::string what = "cannot remove the topic " + name.str();
    const kafka::AdminCall call(client(), RD_KAFKA_ADMIN_OP_DELETETOPICS, time_to_answer);
    const std::unique_ptr<rd_kafka_DeleteTopic_t, DestroyDeleteTopic> topic(
        rd_kafka_DeleteTopic_new(name.str().c_str()));
    auto* one = topic.get();
    rd_kafka_DeleteTopics(client().get(), &one, 1, call.options(), call.queue());
    const kafka::Event event = call.answer(what);
    std::size_t count = 0;
    const auto* const* const results =
        rd_kafka_DeleteTopics_result_topics(rd_kafka_event_DeleteTopics_result(event.get()), &count);
    std::string text;
    const auto code = error_of(results, count, text);
    if (is_missing_topic(code)) throw NotFound("the topic " + name.str() + " does not exist");
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) kafka::throw_error(what, code, text);
    wait_until(name, false);
}

// What a cluster was told takes a moment until all of its brokers say so.
void KafkaAdmin::wait_until(const TopicName& name, bool is_there) {
    const auto deadline = std::chrono::steady_clock::now() + time_to_answer;
    while (has_topic(client(), name.str()) != is_there && std::chrono::steady_clock::now() < deadline)
        std::this_thread::sleep_for(pause);
}

void KafkaAdmin::delete_events_before(const TopicName& topic, Partition partition, const Offset& before) {
    const auto partitions = partitions_of(client(), topic.str());
    const auto number = static_cast<std::int32_t>(partition);
    if (!partitions) throw NotFound("the topic " + topic.str() + " does not exist");
    if (number < 0 || number >= *partitions)
        throw NotFound("the topic " + topic.str() + " has no partition " + std::to_string(number));
    const Stored stored = stored_in(client(), topic.str(), number);
    const auto end = static_cast<std::int64_t>(
        std::min<std::uint64_t>(before.number, static_cast<std::uint64_t>(stored.end)));
    if (end <= stored.begin) return;
    const std::string what = "cannot remove events of the topic " + topic.str();
    kafka::Partitions list;
    list.add(topic.str(), number, end);
    const std::unique_ptr<rd_kafka_DeleteRecords_t, DestroyDeleteRecords> records(
        rd_kafka_DeleteRecords_new(list.get()));
    const kafka::AdminCall call(client(), RD_KAFKA_ADMIN_OP_DELETERECORDS, time_to_answer);
    auto* one = records.get();
    rd_kafka_DeleteRecords(client().get(), &one, 1, call.options(), call.queue());
    const kafka::Event event = call.answer(what);
    const auto* const done =
        rd_kafka_DeleteRecords_result_offsets(rd_kafka_event_DeleteRecords_result(event.get()));
    for (int i = 0; i < done->cnt; ++i) kafka::check(what, done->elems[i].err);
}

std::vector<GroupInfo> KafkaAdmin::groups(const TopicName& name) {
    std::vector<GroupInfo> infos;
    const auto info = topic(name);
    if (!info) return infos;
    for (const std::string& group : list_groups(client()))
        if (auto state = group_of(group, *info)) infos.push_back(std::move(*state));
    return infos;
}

std::optional<GroupInfo> KafkaAdmin::group_of(const std::string& group, const TopicInfo& topic) {
    kafka::Partitions asked;
    for (const PartitionInfo& partition : topic.partitions)
        asked.add(topic.name.str(), static_cast<std::int32_t>(partition.partition));
    const kafka::Partitions committed = committed_by(group_client(), group, asked);
    if (std::none_of(committed.begin(), committed.end(), [](const auto& place) { return place.offset >= 0; }))
        return std::nullopt;
    std::map<std::int32_t, std::string> owners;
    for (const GroupMember& member : members_of(group_client(), group))
        for (const auto& [name, partition] : member.owns)
            if (name == topic.name.str()) owners[partition] = member.name;
    std::map<std::int32_t, std::int64_t> moved;
    for (const auto& place : moves_for(group_client(), group, asked)) moved[place.partition] = place.offset;
    GroupInfo info{GroupName(group), topic.name, {}};
    for (const auto& place : committed) {
        const PartitionInfo& stored = topic.partitions.at(static_cast<std::size_t>(place.partition));
        const auto move = moved.find(place.partition);
        const std::int64_t offset = move == moved.end() ? place.offset : move->second;
        const Offset position = offset < 0 ? stored.begin : std::max(numbered(offset), stored.begin);
        info.partitions.push_back({stored.partition, position,
                                   stored.end.number - std::min(position.number, stored.end.number),
                                   std::move(owners[place.partition])});
    }
    return info;
}

void KafkaAdmin::move_group(const TopicName& topic, const GroupName& group, const StartAt& to) {
    kafka_topics::move_group(group_client(), *options_, topic.str(), group.str(), to);
}

}  // namespace eventbus::kafka_topics
