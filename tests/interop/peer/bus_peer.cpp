// Sends and consumes for the tests beside the Python packages on real servers: a JSON object on each line of
// standard input, an answer on each line of standard output. Bytes are hexadecimal. The bus is as the
// environment says.
#include <functional>
#include <iostream>
#include <map>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "eventbus/bus/bus.hpp"
#include "eventbus/bus/consumer.hpp"
#include "eventbus/catalogue/analytics.hpp"
#include "eventbus/catalogue/authz.hpp"
#include "eventbus/catalogue/content_authoring.hpp"
#include "eventbus/catalogue/enterprise.hpp"
#include "eventbus/catalogue/learning.hpp"
#include "eventbus/command/log_lines.hpp"
#include "eventbus/event/error.hpp"
#include "hex.hpp"

namespace {

using eventbus::Bus;
using eventbus::EventContext;
using eventbus::EventMetadata;
using eventbus::interop::Bytes;
using eventbus::interop::from_hex;
using eventbus::interop::to_hex;
using Json = nlohmann::json;

Json to_json(const EventMetadata& metadata) {
    return {{"event_type", metadata.event_type},     {"id", metadata.id.to_string()},
            {"minorversion", metadata.minorversion}, {"source", metadata.source},
            {"sourcehost", metadata.sourcehost},     {"time", eventbus::to_iso8601(metadata.time)},
            {"sourcelib", metadata.sourcelib}};
}

EventMetadata metadata_of(const Json& json) {
    return {.event_type = json.at("event_type"),
            .id = eventbus::Uuid::parse(json.at("id").get<std::string>()),
            .minorversion = json.at("minorversion"),
            .source = json.at("source"),
            .sourcehost = json.at("sourcehost"),
            .time = eventbus::parse_iso8601(json.at("time").get<std::string>()),
            .sourcelib = json.at("sourcelib")};
}

template <class Visitor>
void visit_signals(const Visitor& visit) {
    eventbus::analytics::visit_signals(visit);
    eventbus::authz::visit_signals(visit);
    eventbus::content_authoring::visit_signals(visit);
    eventbus::enterprise::visit_signals(visit);
    eventbus::learning::visit_signals(visit);
}

/// Sends through the structs: the whole way of a service's events.
class Sender {
  public:
    explicit Sender(Bus& bus) {
        visit_signals([this, &bus](const auto& signal) {
            const auto send = [&bus, signal](const Bytes& bytes, const eventbus::SendOptions& options) {
                return bus.send(signal, signal.decode(bytes), options);
            };
            senders_.emplace(signal.type().type, send);
        });
    }

    [[nodiscard]] Json send(const Json& request) const {
        eventbus::SendOptions options;
        if (request.contains("metadata")) options.metadata = metadata_of(request.at("metadata"));
        const auto report = senders_.at(request.at("type"))(from_hex(request.at("bytes")), options);
        return {{"metadata", to_json(report.metadata)}, {"topics", report.topics.size()}};
    }

  private:
    using Send = std::function<eventbus::SendReport(const Bytes&, const eventbus::SendOptions&)>;
    std::map<std::string, Send> senders_;
};

/// What the handlers were given, with the data written again from the structs.
class Handled {
  public:
    explicit Handled(Bus& bus) {
        visit_signals([this, &bus](const auto& signal) {
            using Data = typename std::decay_t<decltype(signal)>::data_type;
            bus.connect(signal, "note", [this, signal](const Data& data, const EventContext& context) {
                // What is sent in this process is not what came over the bus.
                if (!context.from_bus()) return;
                Bytes bytes;
                signal.encode(data, bytes);
                add({{"metadata", to_json(context.metadata)},
                     {"bytes", to_hex(bytes)},
                     {"position", context.received->position_text}});
            });
        });
    }

    [[nodiscard]] std::size_t count() {
        const std::lock_guard lock(mutex_);
        return events_.size();
    }

    [[nodiscard]] Json take() {
        const std::lock_guard lock(mutex_);
        return std::exchange(events_, Json::array());
    }

  private:
    void add(Json event) {
        const std::lock_guard lock(mutex_);
        events_.push_back(std::move(event));
    }

    std::mutex mutex_;
    Json events_ = Json::array();
};

/// A consumer on a thread of its own.
class Running {
  public:
    Running(Bus& bus, const Json& request) : consumer_(bus, options_of(request)) {
        thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
    }

    [[nodiscard]] Json stop() {
        thread_.request_stop();
        thread_.join();
        if (!error_.empty()) return {{"broken", error_}};
        return {{"handled", result_.handled}, {"failed", result_.failed}, {"unusable", result_.unusable}};
    }

  private:
    static eventbus::ConsumeOptions options_of(const Json& request) {
        eventbus::ConsumeOptions options;
        options.topics = {request.at("topic")};
        options.group = request.at("group");
        return options;
    }

    void run(const std::stop_token& stop) {
        try {
            result_ = consumer_.run(stop);
        } catch (const std::exception& error) {
            error_ = error.what();
        }
    }

    eventbus::Consumer consumer_;
    eventbus::ConsumeResult result_;
    std::string error_;
    std::jthread thread_;
};

class PeerProgram {
  public:
    explicit PeerProgram(const eventbus::Settings& settings)
        : bus_({.settings = settings, .log = eventbus::log_to_stderr(settings)}),
          sender_(bus_),
          handled_(bus_) {}

    [[nodiscard]] Json answer(const Json& request) {
        try {
            const std::string op = request.at("op");
            if (op == "send") return sender_.send(request);
            if (op == "start") return start(request);
            if (op == "count") return {{"count", handled_.count()}};
            if (op == "stop") return stop();
            return {{"broken", "unknown request"}};
        } catch (const std::exception& error) {
            return {{"broken", error.what()}};
        }
    }

  private:
    Json start(const Json& request) {
        running_.emplace(bus_, request);
        return Json::object();
    }

    Json stop() {
        Json result = running_.value().stop();
        running_.reset();
        result["events"] = handled_.take();
        return result;
    }

    Bus bus_;
    Sender sender_;
    Handled handled_;
    std::optional<Running> running_;
};

}  // namespace

int main() {
    std::vector<std::string> warnings;
    PeerProgram program(eventbus::Settings::load(warnings));
    std::string line;
    while (std::getline(std::cin, line)) std::cout << program.answer(Json::parse(line)).dump() << std::endl;
}
