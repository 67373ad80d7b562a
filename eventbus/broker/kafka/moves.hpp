#pragma once

#include <string>

#include "eventbus/broker/kafka/options.hpp"
#include "eventbus/broker/subscription.hpp"
#include "eventbus/kafka/group_client.hpp"
#include "eventbus/kafka/partitions.hpp"

namespace eventbus::kafka_topics {

// Kafka lets nobody set the positions of a group that has members, and tells members nothing. So what a group
// with members is to do is left, as positions, with a group beside it that never has any; each member looks
// there once in a while for the partitions that it owns, goes on from there, and takes the note away.

/// The group beside a group.
[[nodiscard]] std::string group_of_moves(const std::string& group);
[[nodiscard]] bool is_group_of_moves(const std::string& group);

/// Moves a group on all partitions of a topic (those that an AfterId does not name stay): at once when nobody
/// is in the group, else its members follow within a second. Throws NotFound when the topic does not exist,
/// BrokerError when the group has members that are not of this library, which do not follow.
void move_group(kafka::GroupClient& groups, const Options& options, const std::string& topic,
                const std::string& group, const StartAt& to);

/// Where the group's members are to go on these partitions; empty when nowhere.
[[nodiscard]] kafka::Partitions moves_for(kafka::GroupClient& groups, const std::string& group,
                                          const kafka::Partitions& partitions);
/// They have gone there.
void note_moved(kafka::GroupClient& groups, const std::string& group, const kafka::Partitions& partitions);

}  // namespace eventbus::kafka_topics
