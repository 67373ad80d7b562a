#include "eventbus/broker/kafka/group_members.hpp"

#include <array>
#include <string_view>

#include "eventbus/broker/kafka/topics.hpp"
#include "eventbus/event/quote.hpp"
#include "eventbus/kafka/admin_call.hpp"

namespace eventbus::kafka_topics {

namespace {

constexpr std::string_view ours = "eventbus";
constexpr std::string_view before_name = "eventbus:";

std::vector<GroupMember> ask_for_members(const kafka::Client& client, const std::string& group) {
    const kafka::AdminCall call(client, RD_KAFKA_ADMIN_OP_DESCRIBECONSUMERGROUPS, time_to_answer);
    std::array<const char*, 1> names{group.c_str()};
    rd_kafka_DescribeConsumerGroups(client.get(), names.data(), names.size(), call.options(), call.queue());
    const kafka::Event event = call.answer("cannot see the members of the group " + quote(group));
    std::size_t count = 0;
    const auto* const* const groups = rd_kafka_DescribeConsumerGroups_result_groups(
        rd_kafka_event_DescribeConsumerGroups_result(event.get()), &count);
    std::vector<GroupMember> members;
    if (count == 0) return members;
    for (std::size_t i = 0; i < rd_kafka_ConsumerGroupDescription_member_count(groups[0]); ++i) {
        const auto* const description = rd_kafka_ConsumerGroupDescription_member(groups[0], i);
        const std::string id = rd_kafka_MemberDescription_client_id(description);
        GroupMember member{.name = id, .is_ours = id == ours || id.starts_with(before_name), .owns = {}};
        if (id.starts_with(before_name)) member.name = id.substr(before_name.size());
        const auto* const partitions =
            rd_kafka_MemberAssignment_partitions(rd_kafka_MemberDescription_assignment(description));
        for (int j = 0; partitions != nullptr && j < partitions->cnt; ++j)
            member.owns.emplace_back(partitions->elems[j].topic, partitions->elems[j].partition);
        members.push_back(std::move(member));
    }
    return members;
}

}  // namespace

std::string client_id_of(const std::string& member) {
    return member.empty() ? std::string(ours) : std::string(before_name) + member;
}

std::vector<GroupMember> members_of(kafka::GroupClient& groups, const std::string& group) {
    return groups.ask(time_to_answer,
                      [&](const kafka::Client& client) { return ask_for_members(client, group); });
}

}  // namespace eventbus::kafka_topics
