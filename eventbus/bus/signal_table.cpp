#include "eventbus/bus/signal_table.hpp"

#include <string>

#include "eventbus/event/error.hpp"

namespace eventbus {

std::shared_ptr<const avro::SchemaDocument> SignalState::schema() const {
    const std::lock_guard lock(mutex_);
    if (!schema_) schema_ = avro::SchemaDocument::parse(type.schema);
    return schema_;
}

SignalTable::SignalTable(const Catalogue& catalogue) {
    for (const EventType* type : catalogue.all()) {
        SignalState& signal = signals_.emplace_back(*type);
        by_address_.emplace(type, &signal);
        by_type_.emplace(type->type, &signal);
    }
}

SignalState* SignalTable::find(std::string_view type) {
    const auto found = by_type_.find(type);
    return found == by_type_.end() ? nullptr : found->second;
}

SignalState& SignalTable::of(const EventType& type) {
    if (const auto known = by_address_.find(&type); known != by_address_.end()) return *known->second;
    SignalState* signal = find(type.type);
    if (signal == nullptr)
        throw InvalidValue("the catalogue of this bus does not have " + std::string(type.type) +
                           "; add its events to BusOptions::catalogue");
    if (signal->type.schema != type.schema)
        throw InvalidValue("the catalogue of this bus has " + std::string(type.type) +
                           " with another schema; give one of the two another event type");
    return *signal;
}

}  // namespace eventbus
