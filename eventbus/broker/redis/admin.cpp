#include "eventbus/broker/redis/admin.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "eventbus/broker/redis/group_start.hpp"
#include "eventbus/broker/redis/member_name.hpp"
#include "eventbus/broker/redis/stream_id.hpp"
#include "eventbus/event/error.hpp"
#include "eventbus/event/forks.hpp"
#include "eventbus/redis/server_error.hpp"

namespace eventbus::redis_streams {

namespace {

constexpr std::int64_t active_lately_ms = 60'000;

NotFound no_topic(const TopicName& name) {
    return NotFound("the topic " + name.str() + " does not exist: Redis has no stream of that name");
}

std::string attempt(std::string_view what, const TopicName& topic) {
    return std::string(what).append(" the stream " + topic.str());
}

TopicInfo info_of(const TopicName& name, const StreamState& state, std::uint64_t most_events) {
    const Offset end = after(state.last);
    return {.name = name,
            .partitions = {{.partition = Partition{0},
                            .begin = state.first.value_or(end),
                            .end = end,
                            .events = state.length}},
            .retention = {},
            .bytes = {},
            .most_events = most_events};
}

std::optional<TopicName> topic_name_of(std::string_view key) {
    try {
        return TopicName(std::string(key));
    } catch (const InvalidValue&) {
        return std::nullopt;
    }
}

/// The names of all streams; a scan may tell one several times.
std::set<TopicName> stream_names(redis::Connection& connection) {
    std::set<TopicName> names;
    std::string cursor = "0";
    do {
        const redis::ReplyView reply =
            connection.call("cannot list the streams", {"SCAN", cursor, "COUNT", "1000", "TYPE", "stream"});
        const redis::ReplyView keys = reply[1];
        redis::ReplyView key = keys;
        for (std::size_t i = 0; i < keys.size(); ++i) {
            key = i == 0 ? keys.first() : key.next();
            if (auto name = topic_name_of(key.text())) names.insert(std::move(*name));
        }
        cursor = std::string(reply[0].text());
    } while (cursor != "0");
    return names;
}

std::set<std::string, std::less<>> texts_of(redis::ReplyView list) {
    std::set<std::string, std::less<>> texts;
    redis::ReplyView element = list;
    for (std::size_t i = 0; i < list.size(); ++i) {
        element = i == 0 ? list.first() : element.next();
        texts.emplace(element.text());
    }
    return texts;
}

/// The member of this library that takes the topic's events; without one, consumers of another kind that were
/// active lately.
std::string owner_of(redis::Connection& connection, const TopicName& topic, const GroupName& group) {
    constexpr std::string_view what = "cannot see who takes a topic's events";
    const redis::ReplyView owner = connection.call(what, {"GET", owner_key(topic, group)});
    if (!owner.is_nil()) return std::string(consumer_of(owner.text()));
    const std::set<std::string, std::less<>> gone =
        texts_of(connection.call(what, {"LRANGE", past_owners_key(topic, group), "0", "-1"}));
    const redis::ReplyView consumers = connection.call(attempt("cannot see the consumers of", topic),
                                                       {"XINFO", "CONSUMERS", topic.str(), group.str()});
    std::string names;
    redis::ReplyView consumer = consumers;
    for (std::size_t i = 0; i < consumers.size(); ++i) {
        consumer = i == 0 ? consumers.first() : consumer.next();
        const std::string_view name = consumer.value("name").text();
        const bool is_active = consumer.value("idle").integer() <= active_lately_ms;
        if (name == given_back || gone.contains(name) || !is_active) continue;
        names.append(names.empty() ? "" : ", ").append(name);
    }
    return names;
}

}  // namespace

RedisAdmin::RedisAdmin(std::shared_ptr<const Options> options)
    : options_(std::move(options)),
      mutex_(std::make_unique<std::mutex>()),
      link_(options_->server),
      generation_(fork_generation()) {}

// A child may have inherited the mutex locked by a thread that it does not have.
template <class Work>
auto RedisAdmin::use(const Work& work) {
    {
        const Turn turn(starting_);
        if (generation_ != fork_generation()) {
            static_cast<void>(mutex_.release());
            mutex_ = std::make_unique<std::mutex>();
            generation_ = fork_generation();
        }
    }
    const std::lock_guard lock(*mutex_);
    return link_.use(work);
}

std::vector<TopicInfo> RedisAdmin::topics() {
    return use([this](redis::Connection& connection) {
        const std::set<TopicName> names = stream_names(connection);
        for (const TopicName& name : names) connection.commands().add({"XINFO", "STREAM", name.str()});
        std::vector<TopicInfo> topics;
        if (names.empty()) return topics;
        connection.send();
        for (const TopicName& name : names) {
            const redis::ReplyView reply = connection.receive().view();
            // One that was deleted since is left out.
            if (!reply.is_error())
                topics.push_back(info_of(name, stream_state_of(reply), options_->stream_max_len));
        }
        return topics;
    });
}

std::optional<TopicInfo> RedisAdmin::topic(const TopicName& name) {
    return use([&](redis::Connection& connection) -> std::optional<TopicInfo> {
        const auto state = stream_state(connection, name);
        if (!state) return std::nullopt;
        return info_of(name, *state, options_->stream_max_len);
    });
}

void RedisAdmin::create_topic(const TopicName& name, const TopicOptions& options) {
    if (options.partitions != 1)
        throw InvalidValue("the topic " + name.str() + " cannot have " + std::to_string(options.partitions) +
                           " partitions: a stream of Redis is one");
    if (options.retention.age || options.retention.bytes)
        throw InvalidValue(
            "the topic " + name.str() +
            " cannot have a retention by age or bytes: Redis keeps the newest events, as many as "
            "EVENT_BUS_REDIS_STREAM_MAX_LEN says where they are sent");
    use([&](redis::Connection& connection) {
        if (stream_state(connection, name)) return;
        constexpr std::string_view scratch = "eventbus-scratch";
        const std::string what = attempt("cannot make", name);
        connection.call(what, {"MULTI"});
        connection.call(what, {"XGROUP", "CREATE", name.str(), scratch, "$", "MKSTREAM"});
        connection.call(what, {"XGROUP", "DESTROY", name.str(), scratch});
        connection.call(what, {"EXEC"});
    });
}

void RedisAdmin::delete_topic(const TopicName& name) {
    use([&](redis::Connection& connection) {
        if (!stream_state(connection, name)) throw no_topic(name);
        connection.call(attempt("cannot delete", name), {"UNLINK", name.str()});
    });
}

void RedisAdmin::delete_events_before(const TopicName& topic, Partition partition, const Offset& before) {
    use([&](redis::Connection& connection) {
        if (!stream_state(connection, topic)) throw no_topic(topic);
        if (partition != Partition{0})
            throw NotFound("the topic " + topic.str() + " has no partition " +
                           std::to_string(static_cast<std::int32_t>(partition)));
        connection.call(attempt("cannot remove events of", topic),
                        {"XTRIM", topic.str(), "MINID", "=", to_string(before)});
    });
}

std::vector<GroupInfo> RedisAdmin::groups(const TopicName& topic) {
    return use([&](redis::Connection& connection) {
        std::vector<GroupInfo> groups;
        const auto stream = stream_state(connection, topic);
        if (!stream) return groups;
        for (const GroupState& state : group_states(connection, topic)) {
            const GroupName name(state.name);
            groups.push_back({.name = name,
                              .topic = topic,
                              .partitions = {{.partition = Partition{0},
                                              .position = group_position(connection, topic, state),
                                              .lag = group_lag(connection, topic, *stream, state),
                                              .owner = owner_of(connection, topic, name)}}});
        }
        return groups;
    });
}

void RedisAdmin::move_group(const TopicName& topic, const GroupName& group, const StartAt& to) {
    use([&](redis::Connection& connection) { redis_streams::move_group(connection, topic, group, to); });
}

}  // namespace eventbus::redis_streams
