#include "eventbus/broker/redis/group_start.hpp"

#include <algorithm>
#include <string>

#include "eventbus/broker/redis/pending.hpp"
#include "eventbus/broker/redis/stream_id.hpp"
#include "eventbus/broker/redis/stream_state.hpp"
#include "eventbus/broker/redis/trimmed.hpp"
#include "eventbus/event/error.hpp"
#include "eventbus/event/quote.hpp"
#include "eventbus/redis/server_error.hpp"

namespace eventbus::redis_streams {

namespace {

std::string attempt(const TopicName& topic, const GroupName& group) {
    return "cannot set the group " + group.str() + " of the stream " + topic.str();
}

NotFound no_stream(const TopicName& topic) {
    return NotFound("the topic " + topic.str() + " does not exist: Redis has no stream of that name");
}

StreamState state_or_empty(redis::Connection& connection, const TopicName& topic, bool may_be_missing) {
    const auto state = stream_state(connection, topic);
    if (!state && !may_be_missing) throw no_stream(topic);
    return state.value_or(StreamState{});
}

/// How many entries a group there has read, as the server counts them, where that is known without counting.
std::optional<std::uint64_t> entries_read(const StreamState& stream, const Offset& position) {
    if (position >= stream.last) return stream.added;
    if (!stream.first || position < *stream.first) return stream.added - stream.length;
    return std::nullopt;
}

void write_position(redis::CommandBuffer& command, const StreamState& stream, const Offset& position,
                    bool make_stream) {
    command.word(to_string(position));
    if (make_stream) command.word("MKSTREAM");
    if (const auto read = entries_read(stream, position)) {
        command.word("ENTRIESREAD");
        command.word(std::to_string(*read));
    }
}

std::size_t words_of_position(const StreamState& stream, const Offset& position, bool make_stream) {
    return 1U + (make_stream ? 1U : 0U) + (entries_read(stream, position) ? 2U : 0U);
}

bool create(redis::Connection& connection, const TopicName& topic, const GroupName& group,
            const StreamState& stream, const Offset& position, bool make_stream) {
    redis::CommandBuffer& command = connection.commands();
    command.begin(4 + words_of_position(stream, position, make_stream));
    command.word("XGROUP");
    command.word("CREATE");
    command.word(topic.str());
    command.word(group.str());
    write_position(command, stream, position, make_stream);
    connection.send();
    const redis::ReplyView reply = connection.receive().view();
    if (!reply.is_error()) return true;
    if (reply.text().starts_with("BUSYGROUP")) return false;
    if (says_missing(reply.text())) throw no_stream(topic);
    redis::throw_server_error(attempt(topic, group), reply.text());
}

void set_position(redis::Connection& connection, const TopicName& topic, const GroupName& group,
                  const StreamState& stream, const Offset& position) {
    redis::CommandBuffer& command = connection.commands();
    command.begin(4 + words_of_position(stream, position, false));
    command.word("XGROUP");
    command.word("SETID");
    command.word(topic.str());
    command.word(group.str());
    write_position(command, stream, position, false);
    connection.call(attempt(topic, group));
}

// What is trimmed before the group reads it is missing from the count that begins here.
void begin_to_count(redis::Connection& connection, const TopicName& topic, const GroupName& group) {
    try {
        static_cast<void>(count_trimmed_unread(connection, topic, group));
    } catch (const redis::ServerError&) {
        // Where scripts are not allowed, the members say that they cannot count.
    }
}

bool has_group(redis::Connection& connection, const TopicName& topic, const GroupName& group) {
    const auto groups = group_states(connection, topic);
    return std::any_of(groups.begin(), groups.end(),
                       [&](const GroupState& state) { return state.name == group.str(); });
}

void drop_pending(redis::Connection& connection, const TopicName& topic, const GroupName& group,
                  const Offset& up_to) {
    const PendingList list{topic, group};
    for (;;) {
        const auto ids = pending_up_to(connection, list, up_to);
        if (ids.empty()) return;
        acknowledge(connection, list, ids);
    }
}

}  // namespace

Offset offset_before(const StartAt& start, const StreamState& stream) {
    struct Find {
        const StreamState& stream;
        Offset operator()(const Earliest& /*start*/) const { return {}; }
        Offset operator()(const Latest& /*start*/) const { return stream.last; }
        Offset operator()(const AtTime& start) const {
            return std::min(before(first_id_at(start.time)), stream.last);
        }
        Offset operator()(const AfterId& start) const {
            if (start.position == "$") return stream.last;
            const auto id = parse_stream_id(start.position);
            if (!id)
                throw InvalidValue("the position " + quote(start.position) +
                                   " is not the id of an entry, like 1679676448892-0, nor $");
            return std::min(*id, stream.last);
        }
    };
    return std::visit(Find{stream}, start);
}

bool make_group(redis::Connection& connection, const TopicName& topic, const GroupName& group,
                const StartAt& start, bool make_stream) {
    const StreamState stream = state_or_empty(connection, topic, make_stream);
    // A server that has no room refuses to make even a group that is there.
    if (has_group(connection, topic, group)) return false;
    if (!create(connection, topic, group, stream, offset_before(start, stream), make_stream)) return false;
    begin_to_count(connection, topic, group);
    return true;
}

void move_group(redis::Connection& connection, const TopicName& topic, const GroupName& group,
                const StartAt& to) {
    const StreamState stream = state_or_empty(connection, topic, false);
    const Offset position = offset_before(to, stream);
    if (!has_group(connection, topic, group) && create(connection, topic, group, stream, position, false))
        return;
    set_position(connection, topic, group, stream, position);
    drop_pending(connection, topic, group, position);
}

}  // namespace eventbus::redis_streams
