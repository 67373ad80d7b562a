#include <iostream>

#include "eventbus/bus/consumer.hpp"
#include "kettle.hpp"

// EVENT_BUS_EMBEDDED_PATH says where the bus is.
int main() {
    std::vector<std::string> warnings;
    eventbus::Catalogue catalogue;
    catalogue.add(kettle::events());
    const eventbus::Settings settings = eventbus::Settings::load(warnings).with(
        {{"EVENT_BUS_PRODUCER", "embedded"},
         {"EVENT_BUS_CONSUMER", "embedded"},
         {"EVENT_BUS_PRODUCER_CONFIG", R"({"org.example.kettle.boiled.v1":
             {"kettles": {"event_key_field": "kettle.room", "enabled": true}}})"}});
    {
        eventbus::Bus sender({.settings = settings, .catalogue = catalogue});
        sender.send(kettle::KETTLE_BOILED, {.kettle = {.room = "kitchen", .degrees = 97}});
    }
    eventbus::Bus receiver({.settings = settings, .catalogue = catalogue});
    receiver.connect(kettle::KETTLE_BOILED, "print", [](const kettle::KettleBoiled& boiled) {
        std::cout << "The kettle of " << boiled.kettle.room << " is at " << boiled.kettle.degrees
                  << " degrees\n";
    });
    eventbus::Consumer(receiver, {.topics = {"kettles"}, .group = "printers", .count = 1}).run();
}
