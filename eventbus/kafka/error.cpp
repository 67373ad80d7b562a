#include "eventbus/kafka/error.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <string_view>

namespace eventbus::kafka {

namespace {

constexpr std::array permanent{
    RD_KAFKA_RESP_ERR__AUTHENTICATION,
    RD_KAFKA_RESP_ERR__SSL,
    RD_KAFKA_RESP_ERR__INVALID_ARG,
    RD_KAFKA_RESP_ERR__FATAL,
    RD_KAFKA_RESP_ERR__UNSUPPORTED_FEATURE,
    RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED,
    RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED,
    RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED,
    RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED,
    RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED,
    RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART,
    RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC,
    RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION,
    RD_KAFKA_RESP_ERR_INVALID_CONFIG,
    RD_KAFKA_RESP_ERR_INVALID_PARTITIONS,
    RD_KAFKA_RESP_ERR_INVALID_REPLICATION_FACTOR,
    RD_KAFKA_RESP_ERR_INVALID_REQUEST,
    RD_KAFKA_RESP_ERR_POLICY_VIOLATION,
    RD_KAFKA_RESP_ERR_INCONSISTENT_GROUP_PROTOCOL,
    RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID,
};

std::string_view hint(rd_kafka_resp_err_t code) {
    switch (code) {
        case RD_KAFKA_RESP_ERR__AUTHENTICATION:
        case RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED:
            return "; check EVENT_BUS_KAFKA_API_KEY and EVENT_BUS_KAFKA_API_SECRET, or the sasl.* properties";
        case RD_KAFKA_RESP_ERR__SSL:
            return "; check the ssl.* properties in EVENT_BUS_KAFKA_PRODUCER_CONFIG and "
                   "EVENT_BUS_KAFKA_CONSUMER_CONFIG";
        case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
        case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
        case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
            return "; docs/backends/kafka.md lists the rights that the bus needs";
        case RD_KAFKA_RESP_ERR__TRANSPORT:
        case RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN:
        case RD_KAFKA_RESP_ERR__RESOLVE:
            return "; is EVENT_BUS_KAFKA_BOOTSTRAP_SERVERS right, and the cluster reachable from here?";
        case RD_KAFKA_RESP_ERR_INCONSISTENT_GROUP_PROTOCOL:
            return "; the group's members differ in partition.assignment.strategy";
        case RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID:
            return "; another member of the group has the same group.instance.id";
        default:
            return {};
    }
}

bool is_absence(rd_kafka_resp_err_t code) {
    return code == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART || code == RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC ||
           code == RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION || code == RD_KAFKA_RESP_ERR_GROUP_ID_NOT_FOUND;
}

}  // namespace

std::string text_of(rd_kafka_resp_err_t code) { return rd_kafka_err2str(code); }

bool is_retriable(rd_kafka_resp_err_t code) {
    return std::find(permanent.begin(), permanent.end(), code) == permanent.end();
}

void throw_error(const std::string& what, rd_kafka_resp_err_t code, const std::string& detail) {
    std::string text = what + ": " + text_of(code);
    if (!detail.empty() && detail != text_of(code)) text += " (" + detail + ")";
    text += hint(code);
    if (is_absence(code)) throw NotFound(text);
    if (code == RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS ||
        code == RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE || code == RD_KAFKA_RESP_ERR_NOT_COORDINATOR ||
        code == RD_KAFKA_RESP_ERR__WAIT_COORD)
        throw CoordinatorAway(text, code == RD_KAFKA_RESP_ERR_NOT_COORDINATOR);
    if (code == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE || code == RD_KAFKA_RESP_ERR_INVALID_MSG_SIZE ||
        code == RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE)
        throw InvalidValue(text);
    throw BrokerError(text, is_retriable(code));
}

std::exception_ptr make_error(const std::string& what, rd_kafka_resp_err_t code, const std::string& detail) {
    try {
        throw_error(what, code, detail);
    } catch (...) {
        return std::current_exception();
    }
}

void check(const std::string& what, rd_kafka_error_t* error) {
    if (error == nullptr) return;
    const std::unique_ptr<rd_kafka_error_t, decltype(&rd_kafka_error_destroy)> owned(error,
                                                                                     rd_kafka_error_destroy);
    throw_error(what, rd_kafka_error_code(error), rd_kafka_error_string(error));
}

void check(const std::string& what, rd_kafka_resp_err_t code) {
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) throw_error(what, code);
}

}  // namespace eventbus::kafka
