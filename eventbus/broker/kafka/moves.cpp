#include "eventbus/broker/kafka/moves.hpp"

#include <string_view>

#include "eventbus/broker/kafka/group_members.hpp"
#include "eventbus/broker/kafka/group_offsets.hpp"
#include "eventbus/broker/kafka/topics.hpp"
#include "eventbus/event/quote.hpp"

namespace eventbus::kafka_topics {

namespace {

constexpr std::string_view suffix = ".eventbus-moves";

kafka::Partitions places_of(const kafka::Client& client, const std::string& topic, const StartAt& to) {
    const auto partitions = partitions_of(client, topic);
    if (!partitions) throw missing_topic(topic);
    const auto offsets = offsets_of(client, topic, *partitions, to);
    kafka::Partitions places;
    for (std::size_t i = 0; i < offsets.size(); ++i)
        if (offsets[i]) places.add(topic, static_cast<std::int32_t>(i), *offsets[i]);
    return places;
}

}  // namespace

std::string group_of_moves(const std::string& group) { return group + std::string(suffix); }

bool is_group_of_moves(const std::string& group) { return group.ends_with(suffix); }

void move_group(kafka::GroupClient& groups, const Options& options, const std::string& topic,
                const std::string& group, const StartAt& to) {
    const kafka::Partitions places = places_of(*groups.get(), topic, to);
    const std::string beside = group_of_moves(group);
    forget_positions(groups, beside, places);
    if (set_positions(groups, group, places)) return;
    for (const GroupMember& member : members_of(groups, group))
        if (!member.is_ours)
            throw BrokerError(
                "the group " + quote(group) + " has a member, " + quote(member.name) +
                    ", that does not go where it is told, as Python consumers never do; end it, and "
                    "move the group then",
                false);
    if (!set_positions(groups, beside, places))
        throw BrokerError("the group " + quote(beside) + " has members; nobody may be in it", false);
    options.noted_moves->fetch_add(1);
}

kafka::Partitions moves_for(kafka::GroupClient& groups, const std::string& group,
                            const kafka::Partitions& partitions) {
    kafka::Partitions moves;
    for (const auto& place : committed_by(groups, group_of_moves(group), partitions))
        if (place.offset >= 0) moves.add(place.topic, place.partition, place.offset);
    return moves;
}

void note_moved(kafka::GroupClient& groups, const std::string& group, const kafka::Partitions& partitions) {
    forget_positions(groups, group_of_moves(group), partitions);
}

}  // namespace eventbus::kafka_topics
