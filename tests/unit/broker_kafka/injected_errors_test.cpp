// What a real cluster does not do on demand: librdkafka's mock cluster answers with the error that it is
// told.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

#include <array>
#include <memory>
#include <set>

#include "eventbus/broker/kafka/kafka_broker.hpp"
#include "eventbus/event/error.hpp"

namespace eventbus {
namespace {

using ::testing::ElementsAreArray;
using ::testing::HasSubstr;

using Texts = std::vector<std::string>;

/// The numbers of Kafka's requests, from its protocol.
enum class Request : std::int16_t {
    produce = 0,
    fetch = 1,
    commit = 8,
    find_coordinator = 10,
    join = 11,
    heartbeat = 12,
    sync = 14,
    begin_to_produce = 22,
};

std::string code_name(rd_kafka_resp_err_t code) { return rd_kafka_err2name(code); }

class MockCluster {
  public:
    MockCluster() {
        std::array<char, 200> error{};
        rd_kafka_conf_t* const conf = rd_kafka_conf_new();
        rd_kafka_conf_set(conf, "log_level", "0", error.data(), error.size());
        client_.reset(rd_kafka_new(RD_KAFKA_PRODUCER, conf, error.data(), error.size()));
        cluster_.reset(rd_kafka_mock_cluster_new(client_.get(), 1));
        rd_kafka_mock_topic_create(cluster_.get(), "topic", 1, 1);
    }

    [[nodiscard]] std::shared_ptr<Broker> broker() const {
        KafkaOptions options;
        options.bootstrap_servers = rd_kafka_mock_cluster_bootstraps(cluster_.get());
        options.registry.urls = {"http://127.0.0.1:1"};
        options.patience = std::chrono::seconds(10);
        options.producer_properties = {{"retry.backoff.ms", "20"}};
        options.consumer_properties = {{"session.timeout.ms", "6000"}, {"heartbeat.interval.ms", "100"}};
        return make_kafka_broker(options);
    }

    /// The next answers to requests of this kind.
    void answer(Request request, const std::vector<rd_kafka_resp_err_t>& codes) {
        rd_kafka_mock_push_request_errors_array(cluster_.get(), static_cast<std::int16_t>(request),
                                                codes.size(), codes.data());
    }
    void forget_answers(Request request) {
        rd_kafka_mock_clear_request_errors(cluster_.get(), static_cast<std::int16_t>(request));
    }

  private:
    struct DestroyClient {
        void operator()(rd_kafka_t* client) const { rd_kafka_destroy(client); }
    };
    struct DestroyCluster {
        void operator()(rd_kafka_mock_cluster_t* cluster) const { rd_kafka_mock_cluster_destroy(cluster); }
    };
    std::unique_ptr<rd_kafka_t, DestroyClient> client_;
    std::unique_ptr<rd_kafka_mock_cluster_t, DestroyCluster> cluster_;
};

const TopicName& topic() {
    static const TopicName name("topic");
    return name;
}

/// Events that need no registry.
std::vector<Delivery> publish(Publisher& publisher, const Texts& texts) {
    EventMetadata metadata;
    metadata.event_type = "t";
    std::vector<OutgoingEvent> events;
    for (const std::string& text : texts) {
        OutgoingEvent event;
        event.topic = &topic();
        event.metadata = &metadata;
        event.payload = std::as_bytes(std::span(text));
        event.keep = true;
        events.push_back(event);
    }
    return publisher.publish(events);
}

Texts numbered(int count) {
    Texts texts;
    for (int i = 0; i < count; ++i) texts.push_back("event " + std::to_string(i));
    return texts;
}

std::string text_of(const ReceivedEvent& event) {
    std::string text;
    for (const std::byte byte : event.payload) text += static_cast<char>(byte);
    return text;
}

std::string what_of(const std::exception_ptr& failure) {
    try {
        std::rethrow_exception(failure);
    } catch (const std::exception& error) {
        return error.what();
    }
}

/// All that is stored.
Texts stored(const MockCluster& cluster) {
    const auto reader = cluster.broker()->reader({.topic = topic(), .from = Earliest{}, .to = {}});
    Texts texts;
    for (auto some = reader->read(100); !some.empty(); some = reader->read(100))
        for (const ReceivedEvent& event : some) texts.push_back(text_of(event));
    return texts;
}

/// What a member gets until it was given each event that is expected.
class Handler {
  public:
    explicit Handler(const std::shared_ptr<Broker>& broker)
        : subscription_(broker->subscribe(
              {.topics = {topic()}, .group = GroupName("group"), .reset = {}, .member = {}})) {}

    void handle(std::size_t count) {
        const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
        while (handled_.size() < count && std::chrono::steady_clock::now() < deadline) {
            const auto events = subscription_->poll(10, std::chrono::milliseconds(200));
            std::vector<Receipt> receipts;
            for (const ReceivedEvent& event : events) {
                handled_.insert(text_of(event));
                receipts.push_back({&event.topic, event.position});
            }
            try {
                subscription_->acknowledge(receipts);
            } catch (const BrokerError& error) {
                if (!error.retriable()) throw;
            }
        }
    }
    void close() { subscription_->close(); }
    [[nodiscard]] const std::set<std::string>& handled() const { return handled_; }

  private:
    std::unique_ptr<Subscription> subscription_;
    std::set<std::string> handled_;
};

class PassingErrorOfProduce : public testing::TestWithParam<rd_kafka_resp_err_t> {};

TEST_P(PassingErrorOfProduce, IsOutlivedAndStoresNothingTwice) {
    MockCluster cluster;
    const auto publisher = cluster.broker()->publisher();
    cluster.answer(Request::produce, {GetParam(), GetParam()});
    for (const Delivery& delivery : publish(*publisher, numbered(20)))
        EXPECT_FALSE(delivery.failure) << what_of(delivery.failure);
    EXPECT_THAT(stored(cluster), ElementsAreArray(numbered(20)));
}

INSTANTIATE_TEST_SUITE_P(
    Codes, PassingErrorOfProduce,
    testing::Values(RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS, RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS_AFTER_APPEND,
                    RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT, RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION,
                    RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE, RD_KAFKA_RESP_ERR_BROKER_NOT_AVAILABLE),
    [](const auto& code) { return code_name(code.param); });

class LastingErrorOfProduce : public testing::TestWithParam<rd_kafka_resp_err_t> {};

TEST_P(LastingErrorOfProduce, FailsTheEventWithItsNameAndNoOther) {
    MockCluster cluster;
    const auto publisher = cluster.broker()->publisher();
    cluster.answer(Request::produce, {GetParam()});
    const auto failed = publish(*publisher, {"refused"});
    ASSERT_TRUE(failed.at(0).failure);
    EXPECT_THAT(what_of(failed.at(0).failure), HasSubstr(rd_kafka_err2str(GetParam())));
    const auto next = publish(*publisher, {"taken"});
    EXPECT_FALSE(next.at(0).failure) << what_of(next.at(0).failure);
    EXPECT_THAT(stored(cluster), testing::ElementsAre("taken"));
}

INSTANTIATE_TEST_SUITE_P(Codes, LastingErrorOfProduce,
                         testing::Values(RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, RD_KAFKA_RESP_ERR_INVALID_MSG,
                                         RD_KAFKA_RESP_ERR_INVALID_RECORD),
                         [](const auto& code) { return code_name(code.param); });

TEST(InjectedErrors, ATopicThatMayNotBeWrittenToIsTold) {
    MockCluster cluster;
    const auto publisher = cluster.broker()->publisher();
    cluster.answer(Request::produce, {RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED});
    const auto failed = publish(*publisher, {"refused"});
    ASSERT_TRUE(failed.at(0).failure);
    EXPECT_THAT(what_of(failed.at(0).failure), HasSubstr("docs/backends/kafka.md"));
}

TEST(InjectedErrors, AProducerThatTheClusterDisownsIsFollowedByAnother) {
    for (const auto code :
         {RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER, RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH}) {
        MockCluster cluster;
        const auto publisher = cluster.broker()->publisher();
        EXPECT_FALSE(publish(*publisher, {"before"}).at(0).failure);
        cluster.answer(Request::produce, {code});
        const bool was_told = publish(*publisher, {"meanwhile"}).at(0).failure != nullptr;
        const auto after = publish(*publisher, {"after"});
        EXPECT_FALSE(after.at(0).failure) << code_name(code) << ": " << what_of(after.at(0).failure);
        const Texts there = stored(cluster);
        EXPECT_EQ(there.size(), was_told ? 2U : 3U) << code_name(code);
        EXPECT_EQ(there.back(), "after");
    }
}

TEST(InjectedErrors, AProducerThatIsNotLetInYetTriesAgain) {
    MockCluster cluster;
    cluster.answer(Request::begin_to_produce, {RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS,
                                               RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE});
    const auto publisher = cluster.broker()->publisher();
    EXPECT_FALSE(publish(*publisher, {"first"}).at(0).failure);
}

struct GroupTrouble {
    Request request;
    rd_kafka_resp_err_t code;
};

std::string name_of(const testing::TestParamInfo<GroupTrouble>& trouble) {
    return code_name(trouble.param.code) + "Of" + std::to_string(static_cast<int>(trouble.param.request));
}

// The mock cluster makes each first member of a group wait for three seconds, so there are few of these.
class PassingErrorOfGroups : public testing::TestWithParam<GroupTrouble> {};

TEST_P(PassingErrorOfGroups, LosesNothing) {
    const auto [request, code] = GetParam();
    MockCluster cluster;
    const auto publisher = cluster.broker()->publisher();
    static_cast<void>(publish(*publisher, numbered(10)));
    Handler handler(cluster.broker());
    handler.handle(3);
    cluster.answer(request, {code});
    static_cast<void>(publish(*publisher, {"later 1", "later 2"}));
    handler.handle(12);
    EXPECT_EQ(handler.handled().size(), 12U);
    cluster.forget_answers(request);
    static_cast<void>(publish(*publisher, {"last"}));
    handler.handle(13);
    EXPECT_EQ(handler.handled().size(), 13U);
}

INSTANTIATE_TEST_SUITE_P(
    Codes, PassingErrorOfGroups,
    testing::Values(GroupTrouble{Request::fetch, RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION},
                    GroupTrouble{Request::commit, RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS},
                    GroupTrouble{Request::commit, RD_KAFKA_RESP_ERR_NOT_COORDINATOR},
                    GroupTrouble{Request::commit, RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION},
                    GroupTrouble{Request::heartbeat, RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID},
                    GroupTrouble{Request::heartbeat, RD_KAFKA_RESP_ERR_NOT_COORDINATOR}),
    name_of);

class PassingErrorOfJoining : public testing::TestWithParam<GroupTrouble> {};

TEST_P(PassingErrorOfJoining, IsOutlived) {
    const auto [request, code] = GetParam();
    MockCluster cluster;
    static_cast<void>(publish(*cluster.broker()->publisher(), numbered(5)));
    cluster.answer(request, {code});
    Handler handler(cluster.broker());
    handler.handle(5);
    EXPECT_EQ(handler.handled().size(), 5U);
}

INSTANTIATE_TEST_SUITE_P(Codes, PassingErrorOfJoining,
                         testing::Values(GroupTrouble{Request::join, RD_KAFKA_RESP_ERR_NOT_COORDINATOR},
                                         GroupTrouble{Request::sync, RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS},
                                         GroupTrouble{Request::find_coordinator,
                                                      RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE}),
                         name_of);

TEST(InjectedErrors, AGroupThatMayNotBeJoinedIsToldAndNotTriedForEver) {
    MockCluster cluster;
    static_cast<void>(publish(*cluster.broker()->publisher(), {"event"}));
    cluster.answer(Request::join,
                   std::vector<rd_kafka_resp_err_t>(50, RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED));
    try {
        Handler handler(cluster.broker());
        handler.handle(1);
        FAIL() << "it was let in";
    } catch (const BrokerError& error) {
        EXPECT_FALSE(error.retriable());
        EXPECT_THAT(error.what(), HasSubstr("docs/backends/kafka.md"));
    }
}

}  // namespace
}  // namespace eventbus
