#include "eventbus/broker/embedded/admin.hpp"

#include <algorithm>
#include <utility>

#include "eventbus/broker/embedded/file.hpp"
#include "eventbus/broker/embedded/group_positions.hpp"
#include "eventbus/event/error.hpp"
#include "eventbus/event/quote.hpp"

namespace eventbus::embedded {

namespace {

Offset offset(std::int64_t number) { return {static_cast<std::uint64_t>(number), 0}; }

void check(const TopicOptions& options) {
    if (options.partitions < 1 || options.partitions > 1024)
        throw InvalidValue("a topic has 1 to 1024 partitions, not " + std::to_string(options.partitions));
}

std::string member_name(Connection& connection, std::int64_t member) {
    Statement statement = connection.prepare("SELECT name FROM members WHERE id = ?");
    if (member == 0 || !statement.with(member).next()) return {};
    const std::string_view name = statement.text(0);
    return name.empty() ? "member " + std::to_string(member) : std::string(name);
}

}  // namespace

EmbeddedAdmin::EmbeddedAdmin(std::shared_ptr<const EmbeddedOptions> options)
    : options_(std::move(options)),
      connection_(open_file(options_->path, Sync::normal, options_->patience)),
      wake_word_(options_->path) {}

TopicInfo EmbeddedAdmin::describe(const TopicName& name, const Topic& topic) {
    TopicInfo info{.name = name, .partitions = {}, .retention = topic.retention, .bytes = 0};
    Statement count =
        connection_->prepare("SELECT count(*) FROM events WHERE position >= ? AND position <= ?");
    for (std::int32_t number = 0; number < topic.partitions; ++number) {
        const PartitionId id = topic.partition(number);
        const PartitionState state = partition_state(*connection_, id);
        count.with(row_of(id, 0), row_of(id, most_offset)).next();
        info.partitions.push_back({Partition{number}, offset(state.first_offset), offset(state.next_offset),
                                   static_cast<std::uint64_t>(count.integer(0))});
        count.reset();
        *info.bytes += static_cast<std::uint64_t>(std::max<std::int64_t>(state.bytes, 0));
    }
    return info;
}

Topic EmbeddedAdmin::existing(const TopicName& name) {
    const auto topic = find_topic(*connection_, name.str());
    if (!topic) throw NotFound("there is no topic " + quote(name.str()) + " in " + options_->path);
    return *topic;
}

std::vector<TopicInfo> EmbeddedAdmin::topics() {
    const std::lock_guard lock(mutex_);
    std::vector<TopicInfo> infos;
    for (const std::string& name : topic_names(*connection_))
        if (const auto topic = find_topic(*connection_, name))
            infos.push_back(describe(TopicName(name), *topic));
    return infos;
}

std::optional<TopicInfo> EmbeddedAdmin::topic(const TopicName& name) {
    const std::lock_guard lock(mutex_);
    const auto found = find_topic(*connection_, name.str());
    if (!found) return std::nullopt;
    return describe(name, *found);
}

void EmbeddedAdmin::create_topic(const TopicName& name, const TopicOptions& options) {
    check(options);
    const std::lock_guard lock(mutex_);
    Transaction transaction(*connection_);
    if (const auto topic = find_topic(*connection_, name.str())) {
        if (topic->partitions != options.partitions)
            throw InvalidValue("the topic " + quote(name.str()) + " exists with " +
                               std::to_string(topic->partitions) +
                               " partitions, which cannot be changed: keys would move to other partitions");
        Statement update =
            connection_->prepare("UPDATE topics SET retention_seconds = ?, retention_bytes = ? WHERE id = ?");
        update.with(nullptr, nullptr, topic->id);
        if (options.retention.age) update.bind(1, std::int64_t{options.retention.age->count()});
        if (options.retention.bytes) update.bind(2, static_cast<std::int64_t>(*options.retention.bytes));
        update.run();
    } else {
        make_topic(*connection_, name.str(), options);
    }
    transaction.commit();
    wake_word_.ring_membership();
}

void EmbeddedAdmin::delete_topic(const TopicName& name) {
    const std::lock_guard lock(mutex_);
    Transaction transaction(*connection_);
    const Topic topic = existing(name);
    Statement events = connection_->prepare("DELETE FROM events WHERE position >= ? AND position <= ?");
    Statement positions = connection_->prepare("DELETE FROM positions WHERE partition = ?");
    for (std::int32_t number = 0; number < topic.partitions; ++number) {
        const PartitionId id = topic.partition(number);
        events.with(row_of(id, 0), row_of(id, most_offset)).run();
        positions.with(static_cast<std::int64_t>(id)).run();
    }
    connection_->prepare("DELETE FROM partitions WHERE topic = ?").with(topic.id).run();
    connection_->prepare("DELETE FROM topics WHERE id = ?").with(topic.id).run();
    transaction.commit();
    wake_word_.ring_membership();
}

GroupInfo EmbeddedAdmin::describe_group(const TopicName& name, const Topic& topic, const std::string& group) {
    GroupInfo info{.name = GroupName(group), .topic = name, .partitions = {}};
    for (std::int32_t number = 0; number < topic.partitions; ++number) {
        const PartitionId id = topic.partition(number);
        const GroupPosition position = group_position(*connection_, group, id);
        if (!position.exists) continue;
        const PartitionState state = partition_state(*connection_, id);
        const std::int64_t from = std::max(position.next_offset, state.first_offset);
        info.partitions.push_back(
            {Partition{number}, offset(position.next_offset),
             static_cast<std::uint64_t>(std::max<std::int64_t>(state.next_offset - from, 0)),
             member_name(*connection_, position.owner)});
    }
    return info;
}

std::vector<GroupInfo> EmbeddedAdmin::groups(const TopicName& name) {
    const std::lock_guard lock(mutex_);
    const Topic topic = existing(name);
    Statement names = connection_->prepare(
        "SELECT DISTINCT consumer_group FROM positions WHERE partition >= ? AND partition < ? ORDER BY "
        "consumer_group");
    const auto first = static_cast<std::int64_t>(topic.first);
    names.with(first, first + topic.partitions);
    std::vector<std::string> groups;
    while (names.next()) groups.emplace_back(names.text(0));
    names.reset();
    std::vector<GroupInfo> infos;
    for (const std::string& group : groups) infos.push_back(describe_group(name, topic, group));
    return infos;
}

void EmbeddedAdmin::move_group(const TopicName& name, const GroupName& group, const StartAt& to) {
    const std::lock_guard lock(mutex_);
    Transaction transaction(*connection_);
    move(*connection_, group.str(), existing(name), to);
    transaction.commit();
    wake_word_.ring_membership();
}

}  // namespace eventbus::embedded
