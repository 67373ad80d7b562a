// Sends the events of a kettle that heats: kettle ROOM
#include "kettle.hpp"

#include <iostream>

#include "eventbus/bus/bus.hpp"

int main(int argc, char** argv) {
    if (argc != 2) {
        std::cerr << "usage: kettle ROOM\n";
        return 2;
    }
    std::vector<std::string> warnings;
    eventbus::Catalogue catalogue;
    catalogue.add(kettle::events());
    eventbus::Bus bus({.settings = eventbus::Settings::load(warnings), .catalogue = catalogue});
    for (const std::string& warning : warnings) std::cerr << warning << '\n';

    for (const int degrees : {98, 99, 100}) {
        const auto report =
            bus.send(kettle::KETTLE_BOILED,
                     {.kettle = {.room = argv[1], .degrees = degrees, .filled_at = eventbus::now()}});
        for (const auto& stored : report.topics)
            std::cout << "stored in " << stored.topic.str() << " at " << to_string(stored.position) << '\n';
    }
}
