#include "fixture.hpp"

#include <atomic>
#include <cstdlib>
#include <map>
#include <stdexcept>
#include <thread>

namespace eventbus::bus_test {

LogSink Log::sink() {
    return [lines = lines_](LogLevel level, std::string_view message) {
        const std::lock_guard lock(lines->mutex);
        lines->all.push_back(std::string(to_string(level)) + ": " + std::string(message));
    };
}

std::vector<std::string> Log::lines() const {
    const std::lock_guard lock(lines_->mutex);
    return lines_->all;
}

std::string Log::text() const {
    std::string text;
    for (const std::string& line : lines()) text += line + "\n";
    return text;
}

TemporaryDirectory::TemporaryDirectory() {
    std::string name = (std::filesystem::temp_directory_path() / "eventbus-unit-bus-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("cannot make a temporary directory");
    path_ = name;
}

TemporaryDirectory::~TemporaryDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

Catalogue catalogue() {
    Catalogue all = openedx_catalogue();
    all.add(kettle::events());
    return all;
}

std::string producer_config(const std::vector<std::pair<std::string, std::string>>& topics,
                            const std::string& key_field) {
    std::map<std::string, std::string> by_type;
    for (const auto& [type, topic] : topics) {
        std::string& text = by_type[type];
        if (!text.empty()) text += ",";
        text += "\"" + topic + R"(": {"event_key_field": ")" + key_field + R"(", "enabled": true})";
    }
    std::string json;
    for (const auto& [type, text] : by_type) {
        if (!json.empty()) json += ",";
        json += "\"" + type + "\": {" + text + "}";
    }
    return "{" + json + "}";
}

BusOptions BusTest::options(const Settings::Values& values) const {
    BusOptions options;
    options.settings = Settings().with(values);
    options.catalogue = catalogue();
    options.backends.add("memory", [memory = memory_](const Settings&, const LogSink&) { return memory; });
    options.log = Log(log_).sink();
    return options;
}

BusOptions BusTest::memory_options(const Settings::Values& more) const {
    Settings::Values values{{"EVENT_BUS_PRODUCER", "memory"}, {"EVENT_BUS_CONSUMER", "memory"}};
    for (const auto& [name, value] : more) values.insert_or_assign(name, value);
    return options(values);
}

BusOptions BusTest::kettle_options(const Settings::Values& more) const {
    Settings::Values values{
        {"EVENT_BUS_PRODUCER_CONFIG", producer_config({{"org.example.kettle.boiled.v1", "kettles"},
                                                       {"org.example.kettle.emptied.v1", "kettles"}})}};
    for (const auto& [name, value] : more) values.insert_or_assign(name, value);
    return memory_options(values);
}

std::vector<ReceivedEvent> BusTest::stored(const std::string& topic) const {
    static std::atomic<int> readers = 0;
    SubscribeOptions what{.topics = {TopicName(topic)},
                          .group = GroupName("reader-" + std::to_string(++readers)),
                          .start = Earliest{},
                          .reset = {},
                          .member = {}};
    const auto subscription = memory_->subscribe(what);
    return subscription->poll(100'000, std::chrono::milliseconds{0});
}

std::uint64_t BusTest::lag(const std::string& topic, const std::string& group) const {
    std::uint64_t lag = 0;
    for (const GroupInfo& info : memory_->admin()->groups(TopicName(topic)))
        if (info.name.str() == group)
            for (const auto& partition : info.partitions) lag += partition.lag;
    return lag;
}

kettle::KettleBoiled boiled(std::string room, std::int64_t degrees) {
    return {{std::move(room), degrees, std::nullopt}};
}

ReceivedEvent received(const EventType& type, std::vector<std::byte> payload) {
    return {.topic = TopicName("kettles"),
            .position = {Partition{3}, {42, 0}},
            .position_text = "42",
            .metadata = {.event_type = std::string(type.type),
                         .id = Uuid::parse("b0c8c7a2-8f3e-11ee-b9d1-0242ac120002"),
                         .minorversion = 0,
                         .source = "openedx/kitchen/web",
                         .sourcehost = "stove",
                         .time = parse_iso8601("2024-05-06T07:08:09.000010+00:00"),
                         .sourcelib = "11.2.0"},
            .unusable = {},
            .key = "kitchen",
            .payload = std::move(payload),
            .writer_schema = nullptr,
            .headers = {},
            .stored_at = {}};
}

std::vector<std::string> names(const std::vector<HandlerResult>& results) {
    std::vector<std::string> all;
    for (const HandlerResult& result : results) all.push_back(result.name);
    return all;
}

bool wait_until(const std::function<bool()>& is_so) {
    const auto deadline = std::chrono::steady_clock::now() + patience;
    while (!is_so()) {
        if (std::chrono::steady_clock::now() > deadline) return false;
        std::this_thread::sleep_for(std::chrono::milliseconds{2});
    }
    return true;
}

}  // namespace eventbus::bus_test
