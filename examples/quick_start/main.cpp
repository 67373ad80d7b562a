#include <iostream>

#include "eventbus/bus/consumer.hpp"
#include "eventbus/catalogue/learning.hpp"

using namespace eventbus;

int main() {
    Bus bus({.settings = Settings().with(
                 {{"EVENT_BUS_PRODUCER", "embedded"},
                  {"EVENT_BUS_CONSUMER", "embedded"},
                  {"EVENT_BUS_PRODUCER_CONFIG", R"({"org.openedx.learning.auth.session.login.completed.v1":
                      {"logins": {"event_key_field": "user.pii.username", "enabled": true}}})"}})});

    bus.send(learning::SESSION_LOGIN_COMPLETED,
             {.user = {.id = 7, .is_active = true, .pii = {.username = "ada", .email = "ada@example.org"}}});

    bus.connect(learning::SESSION_LOGIN_COMPLETED, "greet", [](const learning::SessionLoginCompleted& login) {
        std::cout << "Welcome back, " << login.user.pii.username << "!\n";
    });
    Consumer(bus, {.topics = {"logins"}, .group = "greeters", .count = 1}).run();
}
