#include "eventbus/broker/embedded/admin.hpp"

#include <algorithm>
#include <utility>

#include "eventbus/broker/embedded/file.hpp"
#include "eventbus/broker/embedded/group_positions.hpp"
#include "eventbus/broker/embedded/removal.hpp"
#include "eventbus/event/error.hpp"
#include "eventbus/event/quote.hpp"

namespace eventbus::embedded {

namespace {

/// A name as it is stored; InvalidValue would blame the caller for it.
template <class Name>
Name stored_name(const Connection& connection, const std::string& text) {
    try {
        return Name(text);
    } catch (const InvalidValue& error) {
        connection.refuse_damage(error.what());
    }
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
      wake_word_(options_->path),
      generation_(fork_generation()) {
    overwrite_what_is_deleted();
}

// What is removed on purpose may be personal data.
void EmbeddedAdmin::overwrite_what_is_deleted() { connection_->execute("PRAGMA secure_delete = ON"); }

void EmbeddedAdmin::start_afresh_after_fork() {
    if (generation_ == fork_generation()) return;
    connection_ = open_file(options_->path, Sync::normal, options_->patience);
    overwrite_what_is_deleted();
    generation_ = fork_generation();
}

TopicInfo EmbeddedAdmin::describe(const TopicName& name, const Topic& topic) {
    TopicInfo info{.name = name, .partitions = {}, .retention = topic.retention, .bytes = {}};
    info.bytes = static_cast<std::uint64_t>(std::max<std::int64_t>(topic.bytes, 0));
    const auto contents = content_by_partition(
        *connection_, topic,
        std::vector<std::int64_t>(static_cast<std::size_t>(topic.partitions), topic.first_offset));
    for (std::int32_t number = 0; number < topic.partitions; ++number) {
        const PartitionContent& content = contents[static_cast<std::size_t>(number)];
        info.partitions.push_back(
            {Partition{number}, numbered(content.first), numbered(topic.next_offset), content.events});
    }
    return info;
}

Topic EmbeddedAdmin::existing(const TopicName& name) {
    const auto topic = find_topic(*connection_, name.str());
    if (!topic) throw NotFound("there is no topic " + quote(name.str()) + " in " + options_->path);
    return *topic;
}

std::vector<TopicInfo> EmbeddedAdmin::topics() {
    const Turn turn(mutex_);
    start_afresh_after_fork();
    std::vector<TopicInfo> infos;
    for (const std::string& name : topic_names(*connection_))
        if (const auto topic = find_topic(*connection_, name))
            infos.push_back(describe(stored_name<TopicName>(*connection_, name), *topic));
    return infos;
}

std::optional<TopicInfo> EmbeddedAdmin::topic(const TopicName& name) {
    const Turn turn(mutex_);
    start_afresh_after_fork();
    const auto found = find_topic(*connection_, name.str());
    if (!found) return std::nullopt;
    return describe(name, *found);
}

void EmbeddedAdmin::create_topic(const TopicName& name, const TopicOptions& options) {
    const Turn turn(mutex_);
    start_afresh_after_fork();
    Transaction transaction(*connection_);
    if (const auto topic = find_topic(*connection_, name.str())) {
        if (topic->partitions != options.partitions)
            throw InvalidValue("the topic " + quote(name.str()) + " exists with " +
                               std::to_string(topic->partitions) +
                               " partitions, which cannot be changed: keys would move to other partitions");
        set_retention(*connection_, topic->id, options.retention);
    } else {
        make_topic(*connection_, name.str(), options);
    }
    transaction.commit();
    wake_word_.ring_membership();
}

void EmbeddedAdmin::delete_topic(const TopicName& name) {
    const Turn turn(mutex_);
    start_afresh_after_fork();
    Transaction transaction(*connection_);
    embedded::delete_topic(*connection_, existing(name).id);
    transaction.commit();
    wake_word_.ring_membership();
}

void EmbeddedAdmin::delete_events_before(const TopicName& name, Partition partition, const Offset& before) {
    const Turn turn(mutex_);
    start_afresh_after_fork();
    const Topic topic = existing(name);
    const auto number = static_cast<std::int32_t>(partition);
    if (number < 0 || number >= topic.partitions)
        throw NotFound("the topic " + quote(name.str()) + " has no partition " + std::to_string(number));
    const auto end = static_cast<std::uint64_t>(topic.next_offset);
    remove_before(*connection_, name.str(), topic, number,
                  static_cast<std::int64_t>(std::min(before.number, end)));
}

GroupInfo EmbeddedAdmin::describe_group(const TopicName& name, const Topic& topic, const std::string& group) {
    GroupInfo info{.name = stored_name<GroupName>(*connection_, group), .topic = name, .partitions = {}};
    const auto positions = group_positions(*connection_, group, topic);
    std::vector<std::int64_t> from;
    for (const GroupPosition& position : positions)
        from.push_back(position.exists ? position.next_offset : not_counted);
    const auto contents = content_by_partition(*connection_, topic, from);
    for (std::int32_t number = 0; number < topic.partitions; ++number) {
        const GroupPosition& position = positions[static_cast<std::size_t>(number)];
        if (!position.exists) continue;
        info.partitions.push_back({Partition{number}, numbered(position.next_offset),
                                   contents[static_cast<std::size_t>(number)].events,
                                   member_name(*connection_, position.owner)});
    }
    return info;
}

std::vector<GroupInfo> EmbeddedAdmin::groups(const TopicName& name) {
    const Turn turn(mutex_);
    start_afresh_after_fork();
    const auto topic = find_topic(*connection_, name.str());
    if (!topic) return {};
    Statement names = connection_->prepare(
        "SELECT DISTINCT consumer_group FROM positions WHERE topic = ? ORDER BY consumer_group");
    names.with(topic->id);
    std::vector<std::string> groups;
    while (names.next()) groups.emplace_back(names.text(0));
    names.reset();
    std::vector<GroupInfo> infos;
    for (const std::string& group : groups) infos.push_back(describe_group(name, *topic, group));
    return infos;
}

void EmbeddedAdmin::move_group(const TopicName& name, const GroupName& group, const StartAt& to) {
    const Turn turn(mutex_);
    start_afresh_after_fork();
    Transaction transaction(*connection_);
    move(*connection_, group.str(), existing(name), to);
    transaction.commit();
    wake_word_.ring_membership();
}

}  // namespace eventbus::embedded
