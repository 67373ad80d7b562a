#include <iostream>

#include "eventbus/bus/replay.hpp"
#include "eventbus/catalogue/learning.hpp"

using namespace eventbus;

int main() {
    std::vector<std::string> warnings;
    Bus bus({.settings = Settings::load(warnings)});
    bus.connect(learning::SESSION_LOGIN_COMPLETED, "tell", [](const learning::SessionLoginCompleted& login) {
        std::cout << login.user.pii.username << std::endl;
    });
    const ReplayOptions since{.topic = "user-login", .from = AtTime{parse_iso8601("2026-01-31T02:00:00Z")}};
    const ReplayResult result = Replay(bus, since).run();
    std::cout << result.handled << " events" << std::endl;
}
