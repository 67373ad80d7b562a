#include "eventbus/broker/broker.hpp"

#include <utility>

#include "eventbus/event/error.hpp"
#include "eventbus/event/quote.hpp"

namespace eventbus {

std::string Broker::offset_text(const Offset& offset) const { return std::to_string(offset.number); }

void BrokerCatalogue::add(std::string name, BrokerFactory factory) {
    factories_.insert_or_assign(std::move(name), std::move(factory));
}

bool BrokerCatalogue::contains(std::string_view name) const { return factories_.contains(name); }

std::shared_ptr<Broker> BrokerCatalogue::make(std::string_view name, const Settings& settings,
                                              LogSink log) const {
    const auto factory = factories_.find(name);
    if (factory == factories_.end()) {
        std::string known;
        for (const auto& [other, unused] : factories_) known.append(known.empty() ? "" : ", ").append(other);
        throw SettingsError("there is no backend " + quote(name) + " in this program; there are: " + known);
    }
    return factory->second(settings, std::move(log));
}

}  // namespace eventbus
