#include "eventbus/broker/kafka/group_offsets.hpp"

#include <memory>

#include "eventbus/broker/kafka/topics.hpp"
#include "eventbus/event/quote.hpp"
#include "eventbus/kafka/error.hpp"

namespace eventbus::kafka_topics {

namespace {

std::string of_group(const std::string& what, const std::string& group) {
    return what + " of the group " + quote(group);
}

std::string cannot_read(const std::string& group) { return of_group("cannot read the positions", group); }

bool is_in_use(rd_kafka_resp_err_t code) {
    return code == RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID || code == RD_KAFKA_RESP_ERR_NON_EMPTY_GROUP ||
           code == RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS || code == RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION;
}

bool try_to_set(const kafka::Client& client, const std::string& group, const kafka::Partitions& partitions) {
    const std::string what = of_group("cannot set the positions", group);
    const kafka::AdminCall call(client, RD_KAFKA_ADMIN_OP_ALTERCONSUMERGROUPOFFSETS, time_to_answer);
    std::unique_ptr<rd_kafka_AlterConsumerGroupOffsets_t,
                    decltype(&rd_kafka_AlterConsumerGroupOffsets_destroy)>
        request(rd_kafka_AlterConsumerGroupOffsets_new(group.c_str(), partitions.get()),
                rd_kafka_AlterConsumerGroupOffsets_destroy);
    auto* one = request.get();
    rd_kafka_AlterConsumerGroupOffsets(client.get(), &one, 1, call.options(), call.queue());
    const kafka::Event event = call.answer(what);
    std::size_t count = 0;
    const auto* const* const groups = rd_kafka_AlterConsumerGroupOffsets_result_groups(
        rd_kafka_event_AlterConsumerGroupOffsets_result(event.get()), &count);
    for (std::size_t i = 0; i < count; ++i) {
        if (const auto* const error = rd_kafka_group_result_error(groups[i])) {
            if (is_in_use(rd_kafka_error_code(error))) return false;
            kafka::throw_error(what, rd_kafka_error_code(error), rd_kafka_error_string(error));
        }
        const auto* const list = rd_kafka_group_result_partitions(groups[i]);
        for (int j = 0; j < list->cnt; ++j) {
            if (is_in_use(list->elems[j].err)) return false;
            kafka::check(what, list->elems[j].err);
        }
    }
    return true;
}

void try_to_forget(const kafka::Client& client, const std::string& group,
                   const kafka::Partitions& partitions) {
    const std::string what = of_group("cannot remove the positions", group);
    const kafka::AdminCall call(client, RD_KAFKA_ADMIN_OP_DELETECONSUMERGROUPOFFSETS, time_to_answer);
    std::unique_ptr<rd_kafka_DeleteConsumerGroupOffsets_t,
                    decltype(&rd_kafka_DeleteConsumerGroupOffsets_destroy)>
        request(rd_kafka_DeleteConsumerGroupOffsets_new(group.c_str(), partitions.get()),
                rd_kafka_DeleteConsumerGroupOffsets_destroy);
    auto* one = request.get();
    rd_kafka_DeleteConsumerGroupOffsets(client.get(), &one, 1, call.options(), call.queue());
    kafka::Event event;
    try {
        event = call.answer(what);
    } catch (const NotFound&) {
        return;
    }
    std::size_t count = 0;
    const auto* const* const groups = rd_kafka_DeleteConsumerGroupOffsets_result_groups(
        rd_kafka_event_DeleteConsumerGroupOffsets_result(event.get()), &count);
    for (std::size_t i = 0; i < count; ++i) {
        const auto* const error = rd_kafka_group_result_error(groups[i]);
        if (error == nullptr || rd_kafka_error_code(error) == RD_KAFKA_RESP_ERR_GROUP_ID_NOT_FOUND) continue;
        kafka::throw_error(what, rd_kafka_error_code(error), rd_kafka_error_string(error));
    }
}

}  // namespace

void ask_for_offsets(const kafka::AdminCall& call, const kafka::Client& client, const std::string& group,
                     const kafka::Partitions& partitions) {
    std::unique_ptr<rd_kafka_ListConsumerGroupOffsets_t, decltype(&rd_kafka_ListConsumerGroupOffsets_destroy)>
        request(rd_kafka_ListConsumerGroupOffsets_new(group.c_str(), partitions.get()),
                rd_kafka_ListConsumerGroupOffsets_destroy);
    auto* one = request.get();
    rd_kafka_ListConsumerGroupOffsets(client.get(), &one, 1, call.options(), call.queue());
}

kafka::Partitions read_offsets(const kafka::Event& answer, const std::string& group) {
    const std::string what = cannot_read(group);
    std::size_t count = 0;
    const auto* const* const groups = rd_kafka_ListConsumerGroupOffsets_result_groups(
        rd_kafka_event_ListConsumerGroupOffsets_result(answer.get()), &count);
    if (count == 0) return {};
    if (const auto* const error = rd_kafka_group_result_error(groups[0]))
        kafka::throw_error(what, rd_kafka_error_code(error), rd_kafka_error_string(error));
    kafka::Partitions found = kafka::Partitions::copy_of(rd_kafka_group_result_partitions(groups[0]));
    for (const auto& partition : found) kafka::check(what, partition.err);
    return found;
}

kafka::Partitions committed_by(kafka::GroupClient& groups, const std::string& group,
                               const kafka::Partitions& partitions) {
    if (partitions.empty()) return {};
    return groups.ask(time_to_answer, [&](const kafka::Client& client) {
        const kafka::AdminCall call(client, RD_KAFKA_ADMIN_OP_LISTCONSUMERGROUPOFFSETS, time_to_answer);
        ask_for_offsets(call, client, group, partitions);
        return read_offsets(call.answer(cannot_read(group)), group);
    });
}

kafka::Partitions committed_by_own_group(const kafka::Client& member, const kafka::Partitions& partitions) {
    const std::string what = "cannot read the positions of the group";
    kafka::Partitions found = kafka::Partitions::copy_of(partitions.get());
    if (found.empty()) return found;
    // The client asks for its group's broker anew by itself.
    kafka::with_coordinator(time_to_answer, [&] {
        const auto code =
            rd_kafka_committed(member.get(), found.get(), static_cast<int>(time_to_answer.count()));
        if (code != RD_KAFKA_RESP_ERR_NO_ERROR) kafka::throw_error(what, code, member.last_trouble());
    });
    for (const auto& partition : found) kafka::check(what, partition.err);
    return found;
}

bool set_positions(kafka::GroupClient& groups, const std::string& group,
                   const kafka::Partitions& partitions) {
    if (partitions.empty()) return true;
    return groups.ask(time_to_answer,
                      [&](const kafka::Client& client) { return try_to_set(client, group, partitions); });
}

void forget_positions(kafka::GroupClient& groups, const std::string& group,
                      const kafka::Partitions& partitions) {
    if (partitions.empty()) return;
    groups.ask(time_to_answer,
               [&](const kafka::Client& client) { try_to_forget(client, group, partitions); });
}

}  // namespace eventbus::kafka_topics
