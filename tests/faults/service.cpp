#include "service.hpp"

#include <fstream>

namespace eventbus::faults {

std::vector<std::string> Service::command(const std::vector<std::string>& settings,
                                          const std::vector<std::string>& words) const {
    std::vector<std::string> command{
        "/usr/bin/env",
        R"(EVENT_BUS_PRODUCER_CONFIG={"org.openedx.learning.auth.session.login.completed.v1": {"logins": )"
        R"({"event_key_field": "user.pii.username", "enabled": true}}})"};
    for (const std::string& setting : store_->settings()) command.push_back(setting);
    command.insert(command.end(), settings.begin(), settings.end());
    command.insert(command.end(), words.begin(), words.end());
    return command;
}

Process Service::start_sender(const std::string& name, std::uint64_t seed, bool goes_on) const {
    const char* const peer = jumping_clock_ ? EVENTBUS_FAULTS_JUMPING_PEER : EVENTBUS_FAULTS_BUS_PEER;
    std::vector<std::string> words{peer, "send", name, std::to_string(seed),
                                   (directory() / ("sent-" + name)).string()};
    if (goes_on) words.emplace_back("goes-on");
    return Process(command({}, words));
}

Process Service::start_consumer(const std::string& name, std::uint64_t seed,
                                const Consuming& consuming) const {
    const char* const peer = jumping_clock_ ? EVENTBUS_FAULTS_JUMPING_PEER : EVENTBUS_FAULTS_BUS_PEER;
    std::vector<std::string> words{peer, "consume", group, std::to_string(seed),
                                   (directory() / ("handled-" + name)).string()};
    words.insert(words.end(), consuming.mischief.begin(), consuming.mischief.end());
    return Process(command(
        {"EVENT_BUS_CONSUMER_WORKERS=" + std::to_string(consuming.workers),
         std::string("EVENT_BUS_CONSUMER_KEEP_KEY_ORDER=") + (consuming.keeps_order ? "true" : "false"),
         "EVENT_BUS_CONSUMER_MAX_TRIES=3", "EVENT_BUS_CONSUMER_RETRY_PAUSE=0.01",
         "EVENT_BUS_CONSUMER_RETRY_LONGEST_PAUSE=0.04", "EVENT_BUS_CONSUMER_HANDLER_TIME_LIMIT=0.03",
         "EVENT_BUS_CONSUMER_PREFETCH=200"},
        words));
}

Process Service::start_produce() const {
    const std::string data =
        R"({"user": {"id": 1, "is_active": true, "pii": {"username": "u", "email": "<<p-0>>", "name": "n"}}})";
    return Process(command({}, {"/bin/sh", "-c", R"(log="$1"; shift; exec "$0" "$@" > "$log" 2>&1)",
                                EVENTBUS_PROGRAM, (directory() / "produced.log").string(), "produce_event",
                                "--signal", "SESSION_LOGIN_COMPLETED", "--topic", topic, "--data", data}));
}

Process Service::start_redrive() const {
    return Process(command({}, {"/bin/sh", "-c", R"(exec "$0" "$@" > /dev/null)", EVENTBUS_PROGRAM,
                                "dead-letters", "redrive", "-t", topic, "-g", group}));
}

bool Service::is_done() const {
    return store_->lag(topic, group) == 0 && store_->lag(dead_letters, group) == 0;
}

std::uint64_t Service::behind() const { return store_->lag(topic, group); }

std::size_t Service::logged(const std::string& text) const {
    std::size_t lines = 0;
    for (const auto& file : std::filesystem::directory_iterator(directory())) {
        if (file.path().extension() != ".log") continue;
        std::ifstream log(file.path());
        for (std::string line; std::getline(log, line);)
            if (line.find(text) != std::string::npos) ++lines;
    }
    return lines;
}

}  // namespace eventbus::faults
