#include <iostream>

#include "eventbus/catalogue/learning.hpp"
#include "eventbus/command/consume_events.hpp"

namespace learning = eventbus::learning;

int main(int argc, char** argv) {
    return eventbus::consume_events_main(argc, argv, [](eventbus::Bus& bus) {
        bus.connect(learning::SESSION_LOGIN_COMPLETED, "welcome",
                    [](const learning::SessionLoginCompleted& event) {
                        std::cout << "welcome back, " + event.user.pii.name + "\n" << std::flush;
                    });
    });
}
