// Handles the events of kettles. Its command line is that of `eventbus consume_events`:
// kettle_watcher -t kettles -g watchers
#include <iostream>

#include "eventbus/command/consume_events.hpp"
#include "kettle.hpp"

int main(int argc, char** argv) {
    eventbus::Catalogue catalogue;
    catalogue.add(kettle::events());
    const auto connect = [](eventbus::Bus& bus) {
        bus.connect(kettle::KETTLE_BOILED, "watch",
                    [](const kettle::KettleBoiled& boiled, const eventbus::EventMetadata& metadata) {
                        std::cout << "The kettle of " << boiled.kettle.room << " is at "
                                  << boiled.kettle.degrees << " degrees (" << metadata.source << ")"
                                  << std::endl;
                    });
    };
    return eventbus::consume_events_main(argc, argv, connect, catalogue);
}
