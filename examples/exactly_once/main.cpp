// Counts the logins of each person in a table of its own, each event exactly once, until SIGTERM.
#include <string>
#include <vector>

#include "eventbus/bus/inbox.hpp"
#include "eventbus/bus/inbox_transaction.hpp"
#include "eventbus/catalogue/learning.hpp"
#include "eventbus/command/command_line.hpp"
#include "eventbus/command/consume_events.hpp"

namespace learning = eventbus::learning;

namespace {

void count_login(const learning::SessionLoginCompleted& login, const eventbus::EventContext& context) {
    eventbus::InboxTransaction& in = *context.transaction;
    in.execute("CREATE TABLE IF NOT EXISTS logins(person INTEGER PRIMARY KEY, times INTEGER NOT NULL)");
    in.execute("INSERT INTO logins VALUES(?, 1) ON CONFLICT DO UPDATE SET times = times + 1",
               {login.user.id});
}

}  // namespace

int main() {
    return static_cast<int>(eventbus::run_reporting("login_counter", [] {
        std::vector<std::string> warnings;
        eventbus::StopSignals signals;
        eventbus::Bus bus({.settings = eventbus::Settings::load(warnings)});
        bus.connect(learning::SESSION_LOGIN_COMPLETED, "count_login", count_login,
                    {.inbox = eventbus::InboxUse::transaction});
        return eventbus::consume_until_stopped(bus,
                                               {.topics = {"user-login"},
                                                .group = "login-counter",
                                                .inbox = eventbus::make_inbox(bus.settings())},
                                               signals);
    }));
}
