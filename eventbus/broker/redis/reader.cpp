#include "eventbus/broker/redis/reader.hpp"

#include <utility>

#include "eventbus/broker/redis/entry.hpp"
#include "eventbus/broker/redis/group_start.hpp"
#include "eventbus/broker/redis/stream_id.hpp"
#include "eventbus/event/error.hpp"

namespace eventbus::redis_streams {

RedisReader::RedisReader(std::shared_ptr<const Options> options, ReadOptions what)
    : options_(std::move(options)), what_(std::move(what)), link_(options_->server) {
    link_.use([&](redis::Connection& connection) { static_cast<void>(find_topic(connection)); });
    // Of a topic that is still to come, all is new.
    if (!stream_ && std::holds_alternative<Latest>(what_.from)) what_.from = Earliest{};
}

bool RedisReader::find_topic(redis::Connection& connection) {
    auto found = stream_state(connection, what_.topic);
    const bool is_another = found && stream_ && found->added < stream_->added;
    if (!found || is_another) {
        position_.reset();
        last_.reset();
        if (std::holds_alternative<Latest>(what_.from) && stream_) what_.from = Earliest{};
    }
    if (found && !position_) {
        position_ = offset_before(what_.from, *found);
        if (what_.to) last_ = offset_before(*what_.to, *found);
    }
    stream_ = found;
    return stream_.has_value();
}

std::string RedisReader::end() const { return last_ ? to_string(*last_) : "+"; }

std::vector<ReceivedEvent> RedisReader::read(std::size_t most) {
    return link_.use([&](redis::Connection& connection) {
        std::vector<ReceivedEvent> events;
        if (!find_topic(connection)) return events;
        while (events.size() < most) {
            const std::size_t asked = size_.entries(most - events.size());
            const redis::ReplyView entries =
                connection.call("cannot read the stream " + what_.topic.str(),
                                {"XRANGE", what_.topic.str(), "(" + to_string(*position_), end(), "COUNT",
                                 std::to_string(asked)});
            redis::ReplyView entry = entries;
            std::size_t bytes = 0;
            for (std::size_t i = 0; i < entries.size(); ++i) {
                entry = i == 0 ? entries.first() : entry.next();
                events.push_back(read_entry(what_.topic, entry));
                bytes += events.back().payload.size();
            }
            if (entries.size() != 0) position_ = events.back().position.offset;
            size_.note(bytes, entries.size());
            if (entries.size() < asked || bytes >= ReadSize::bytes_of_a_read) break;
        }
        return events;
    });
}

std::uint64_t RedisReader::left() {
    return link_.use([&](redis::Connection& connection) -> std::uint64_t {
        if (!find_topic(connection) || !stream_->first) return 0;
        const Offset last = last_.value_or(stream_->last);
        if (last <= *position_) return 0;
        if (*position_ < *stream_->first && last >= stream_->last) return stream_->length;
        return count_entries(connection, what_.topic, *position_, last);
    });
}

}  // namespace eventbus::redis_streams
