#include "eventbus/kafka/client.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "eventbus/event/error.hpp"

namespace eventbus::kafka {

namespace {

constexpr std::size_t size_of_errors = 512;

// Syslog's levels.
constexpr int level_error = 3;
constexpr int level_warning = 4;

constexpr const char* name_of_interceptors = "eventbus";

/// Numbers of requests in Kafka's protocol.
constexpr std::int16_t join_group = 11;
constexpr std::int16_t sync_group = 14;

/// The first SCRAM of librdkafka that brokers accept which check the client's number (Kafka 3.7.2, 3.8.1).
constexpr int version_with_scram = 0x020601ff;

LogLevel log_level(int level) {
    // librdkafka repeats single connections' errors for as long as they last: what matters comes as an error.
    if (level < level_error) return LogLevel::error;
    return level <= level_warning ? LogLevel::warning : LogLevel::debug;
}

std::string one_line(std::string text) {
    std::replace_if(
        text.begin(), text.end(), [](char c) { return c == '\n' || c == '\r'; }, ' ');
    return text;
}

bool contains(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
}

/// A broker turns the client away, or the client the broker; not when a connection just ends, as while
/// brokers are started. With TLS 1.3 a broker refuses a certificate after the handshake: for librdkafka, too,
/// the connection broke then.
bool is_refusal(rd_kafka_resp_err_t code, std::string_view text) {
    const bool is_alert = contains(text, "SSL routines") && contains(text, " alert ");
    return code == RD_KAFKA_RESP_ERR__AUTHENTICATION || is_alert ||
           (code == RD_KAFKA_RESP_ERR__SSL && !contains(text, "unexpected eof"));
}

std::string with_hint(std::string text) {
    if (contains(text, "SCRAM") && rd_kafka_version() < version_with_scram)
        text +=
            " (librdkafka " + std::string(rd_kafka_version_str()) +
            " cannot use SCRAM with brokers from 3.7.2 on; librdkafka 2.6.1 can, and so can PLAIN over TLS)";
    return text;
}

}  // namespace

Client::Client(rd_kafka_type_t type, const Properties& properties, LogSink log, Callbacks callbacks)
    : log_(std::move(log)), callbacks_(std::move(callbacks)) {
    Configuration configuration = make_configuration(properties);
    rd_kafka_conf_t* const conf = configuration.get();
    rd_kafka_conf_set_opaque(conf, this);
    rd_kafka_conf_set_log_cb(conf, on_log);
    rd_kafka_conf_set_error_cb(conf, on_error);
    if (callbacks_.delivered) rd_kafka_conf_set_dr_msg_cb(conf, on_delivery);
    if (callbacks_.rebalanced) rd_kafka_conf_set_rebalance_cb(conf, on_rebalance);
    if (callbacks_.notes_joining)
        rd_kafka_conf_interceptor_add_on_new(conf, name_of_interceptors, on_new, this);
    std::array<char, size_of_errors> error{};
    handle_ = rd_kafka_new(type, conf, error.data(), error.size());
    // One with interceptors librdkafka has destroyed in part by then, and could only be destroyed twice.
    if (handle_ != nullptr || callbacks_.notes_joining) static_cast<void>(configuration.release());
    if (handle_ == nullptr)
        throw SettingsError("the properties of the Kafka client do not fit together: " +
                            std::string(error.data()));
}

Client::~Client() {
    if (handle_ != nullptr) rd_kafka_destroy(handle_);
}

void Client::report_with_messages() {
    rd_kafka_poll_set_consumer(handle_);
    reports_with_messages_ = true;
}

// To poll here what has messages in it ends the process: librdkafka asserts that there are none.
void Client::hear_reports() const {
    if (!reports_with_messages_) rd_kafka_poll(handle_, 0);
}

std::string Client::last_trouble() const {
    const std::lock_guard lock(mutex_);
    return trouble_;
}

std::optional<rd_kafka_resp_err_t> Client::refusal_since(Clock::time_point then) const {
    const std::lock_guard lock(mutex_);
    return refused_at_ >= then ? refusal_ : std::nullopt;
}

rd_kafka_resp_err_t Client::on_new(rd_kafka_t* handle, const rd_kafka_conf_t* /*conf*/, void* self,
                                   char* /*error*/, std::size_t /*size_of_error*/) {
    rd_kafka_interceptor_add_on_request_sent(handle, name_of_interceptors, on_request, self);
    rd_kafka_interceptor_add_on_response_received(handle, name_of_interceptors, on_response, self);
    return RD_KAFKA_RESP_ERR_NO_ERROR;
}

rd_kafka_resp_err_t Client::on_request(rd_kafka_t* /*handle*/, int /*socket*/, const char* /*broker*/,
                                       std::int32_t /*id*/, std::int16_t request, std::int16_t /*version*/,
                                       std::int32_t /*number*/, std::size_t /*size*/, void* self) {
    if (request == join_group) static_cast<Client*>(self)->awaits_group_ = true;
    return RD_KAFKA_RESP_ERR_NO_ERROR;
}

rd_kafka_resp_err_t Client::on_response(rd_kafka_t* /*handle*/, int /*socket*/, const char* /*broker*/,
                                        std::int32_t /*id*/, std::int16_t request, std::int16_t /*version*/,
                                        std::int32_t /*number*/, std::size_t /*size*/, std::int64_t /*time*/,
                                        rd_kafka_resp_err_t /*code*/, void* self) {
    if (request == sync_group) static_cast<Client*>(self)->awaits_group_ = false;
    return RD_KAFKA_RESP_ERR_NO_ERROR;
}

void Client::on_log(const rd_kafka_t* handle, int level, const char* facility, const char* text) {
    const auto* const self = static_cast<const Client*>(rd_kafka_opaque(handle));
    if (self->log_)
        self->log_(log_level(level), "librdkafka " + std::string(facility) + ": " + one_line(text));
}

void Client::on_error(rd_kafka_t* handle, int code, const char* reason, void* self_pointer) {
    auto* const self = static_cast<Client*>(self_pointer);
    std::string text = one_line(reason);
    if (code == RD_KAFKA_RESP_ERR__FATAL) {
        std::array<char, size_of_errors> fatal{};
        rd_kafka_fatal_error(handle, fatal.data(), fatal.size());
        text = one_line(fatal.data());
    }
    text = with_hint(std::move(text));
    if (self->log_) self->log_(LogLevel::warning, "Kafka: " + text);
    self->note(static_cast<rd_kafka_resp_err_t>(code), std::move(text));
}

void Client::note(rd_kafka_resp_err_t code, std::string text) {
    const std::lock_guard lock(mutex_);
    if (is_refusal(code, text)) {
        refusal_ = code == RD_KAFKA_RESP_ERR__AUTHENTICATION ? code : RD_KAFKA_RESP_ERR__SSL;
        refused_at_ = Clock::now();
    }
    // That no broker is left says less than what became of the last one.
    if (code != RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN || trouble_.empty()) trouble_ = std::move(text);
}

void Client::on_delivery(rd_kafka_t* /*handle*/, const rd_kafka_message_t* message, void* self) {
    static_cast<Client*>(self)->callbacks_.delivered(*message);
}

void Client::on_rebalance(rd_kafka_t* /*handle*/, rd_kafka_resp_err_t code,
                          rd_kafka_topic_partition_list_t* partitions, void* self) {
    static_cast<Client*>(self)->callbacks_.rebalanced(code, partitions);
}

}  // namespace eventbus::kafka
