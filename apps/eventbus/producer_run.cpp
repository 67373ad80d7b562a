#include "producer_run.hpp"

#include <utility>

#include "eventbus/avro/json_view.hpp"
#include "eventbus/avro/schema.hpp"
#include "eventbus/event/quote.hpp"

namespace eventbus::app {

ProducerRun::ProducerRun(Bus& bus, const std::string& signal, std::string topic,
                         std::optional<std::string> key_field)
    : bus_(bus),
      type_(signal.empty() ? nullptr : &bus.catalogue().resolve(signal)),
      topic_(std::move(topic)),
      key_field_(std::move(key_field)) {
    if (type_ != nullptr) static_cast<void>(route_of(*type_));
}

ProducerRun::~ProducerRun() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return under_way_ == 0; });
}

void ProducerRun::post(std::string_view json, std::uint64_t line) {
    payload_.clear();
    const Addressed event = read(json);
    const std::size_t size = payload_.size();
    {
        const std::scoped_lock lock(mutex_);
        ++under_way_;
        bytes_under_way_ += size;
    }
    try {
        bus_.post_raw(*event.route, payload_, event.options,
                      [this, line, size](const SendReport& report) { note(line, size, report); });
    } catch (...) {
        const std::scoped_lock lock(mutex_);
        --under_way_;
        bytes_under_way_ -= size;
        throw;
    }
}

void ProducerRun::note(std::uint64_t line, std::size_t size, const SendReport& report) {
    const std::scoped_lock lock(mutex_);
    outcomes_.push_back({line, report});
    --under_way_;
    bytes_under_way_ -= size;
    changed_.notify_all();
}

bool ProducerRun::is_full() {
    constexpr std::size_t most_events = 10'000;
    constexpr std::size_t most_bytes = 32 * 1024 * 1024;
    const std::scoped_lock lock(mutex_);
    return under_way_ + outcomes_.size() >= most_events || bytes_under_way_ >= most_bytes;
}

std::vector<Outcome> ProducerRun::take_outcomes() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return !outcomes_.empty() || under_way_ == 0; });
    return std::exchange(outcomes_, {});
}

std::vector<Outcome> ProducerRun::take_known_outcomes() {
    const std::scoped_lock lock(mutex_);
    return std::exchange(outcomes_, {});
}

ProducerRun::Addressed ProducerRun::read(std::string_view json) {
    if (const auto event = read_cloudevent(json)) return read(*event);
    if (type_ == nullptr)
        throw InvalidValue("the data does not say of which event it is; give --signal, or CloudEvents JSON");
    const Route& route = route_of(*type_);
    route.append_avro(payload_, json);
    return {&route, {}};
}

ProducerRun::Addressed ProducerRun::read(const CloudEvent& event) {
    const EventType& type = bus_.catalogue().resolve(event.type);
    if (type_ != nullptr && &type != type_)
        throw InvalidValue("the event is of type " + quote(event.type) + ", but --signal says " +
                           quote(type_->type));
    const Route& route = route_of(type);
    read_data(route, event);
    return {&route, {.time = {}, .metadata = event.metadata(bus_.make_metadata(type)), .dispatch = {}}};
}

// Bytes that a consumer could not read stand as they came: they are sent on only if they are what they claim.
void ProducerRun::read_data(const Route& route, const CloudEvent& event) {
    if (const auto* json = std::get_if<std::string>(&event.data)) {
        route.append_avro(payload_, *json);
        return;
    }
    payload_ = std::get<std::vector<std::byte>>(event.data);
    std::string read_back;
    avro::append_json(read_back, avro::SchemaDocument::parse(route.type().schema)->root(), payload_);
}

const Route& ProducerRun::route_of(const EventType& type) {
    if (const auto known = routes_.find(&type); known != routes_.end()) return known->second;
    const std::string_view key_field = key_field_ ? std::string_view(*key_field_) : type.key_field;
    return routes_.emplace(&type, bus_.route(type, topic_, key_field)).first->second;
}

}  // namespace eventbus::app
