#include "scene.hpp"

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <stdexcept>

namespace eventbus::faults {

Scene::Scene() {
    std::string name = (std::filesystem::temp_directory_path() / "eventbus-faults-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("cannot make " + name);
    directory_ = name;
    address_ = bus().string();
}

Scene::~Scene() {
    if (testing::Test::HasFailure()) {
        std::printf("left as it is: %s\n", directory_.c_str());
        return;
    }
    std::error_code ignored;
    std::filesystem::remove_all(directory_, ignored);
}

std::shared_ptr<Broker> Scene::broker() const {
    return make_embedded_broker({.path = bus().string(), .clock = now, .log = {}});
}

Process Scene::start_sender(const std::string& name, const Sending& sending) const {
    return Process({EVENTBUS_FAULTS_PEER, "send", address_, topic_.str(), name, std::to_string(sending.count),
                    std::to_string(sending.batch), sending.enqueues ? "enqueue" : "publish",
                    std::to_string(sending.pause.count()), (directory_ / ("sent-" + name)).string()});
}

Process Scene::start_consumer(const std::string& name, std::size_t most) const {
    return Process({EVENTBUS_FAULTS_PEER, "consume", address_, topic_.str(), "group", std::to_string(most),
                    (directory_ / ("received-" + name)).string()});
}

std::uint64_t Scene::lag() const {
    std::uint64_t events = 0;
    for (const GroupInfo& group : broker()->admin()->groups(topic_))
        if (group.name.str() == "group")
            for (const auto& partition : group.partitions) events += partition.lag;
    return events;
}

std::vector<std::string> Scene::stored_ids() const {
    const auto connection = broker();
    std::uint64_t count = 0;
    const auto info = connection->admin()->topic(topic_);
    if (!info) return {};
    for (const PartitionInfo& partition : info->partitions) count += partition.events;
    SubscribeOptions options{
        .topics = {topic_}, .group = GroupName("auditor"), .reset = Earliest{}, .member = {}};
    const auto subscription = connection->subscribe(options);
    std::vector<std::string> ids;
    while (ids.size() < count) {
        const auto events = subscription->poll(1000, std::chrono::seconds(30));
        if (events.empty()) throw std::runtime_error("not all that is stored can be read");
        std::vector<Receipt> receipts;
        for (const ReceivedEvent& event : events) {
            std::string payload(event.payload.size(), '\0');
            std::ranges::transform(event.payload, payload.begin(),
                                   [](std::byte byte) { return static_cast<char>(byte); });
            ids.push_back(payload.substr(0, payload.find(' ')));
            receipts.push_back({&event.topic, event.position});
        }
        subscription->acknowledge(receipts);
    }
    return ids;
}

std::string Scene::integrity() const {
    sqlite3* opened = nullptr;
    const int code = sqlite3_open_v2(bus().c_str(), &opened, SQLITE_OPEN_READWRITE, nullptr);
    const std::unique_ptr<sqlite3, int (*)(sqlite3*)> connection(opened, sqlite3_close);
    if (code != SQLITE_OK) return sqlite3_errmsg(opened);
    std::string answer;
    const auto append = [](void* to, int, char** columns, char**) {
        static_cast<std::string*>(to)->append(columns[0]);
        return 0;
    };
    char* error = nullptr;
    sqlite3_exec(opened, "PRAGMA integrity_check", append, &answer, &error);
    if (error != nullptr) answer += error;
    sqlite3_free(error);
    return answer;
}

std::chrono::seconds soak(std::chrono::seconds otherwise) {
    const char* const seconds = std::getenv("EVENTBUS_SOAK_SECONDS");
    return seconds != nullptr ? std::chrono::seconds(std::stol(seconds)) : otherwise;
}

std::uint32_t chosen_seed() {
    const char* const given = std::getenv("EVENTBUS_FAULTS_SEED");
    const auto seed =
        given != nullptr ? static_cast<std::uint32_t>(std::stoul(given)) : std::random_device{}();
    std::printf("EVENTBUS_FAULTS_SEED=%u\n", seed);
    std::fflush(stdout);
    return seed;
}

}  // namespace eventbus::faults
