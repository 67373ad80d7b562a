// A consumer with an inbox:
//   faults_inbox_peer BUS TOPIC GROUP INBOX remember|transaction MOST EFFECTS PASSED
// Its handler's effect is the event's id: a row of the table `effects` in the inbox's own file, in the
// inbox's transaction, or else a line of the file EFFECTS. Events that it had finished before, and did not
// handle again, are lines of the file PASSED. Ends well at SIGTERM.

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <string>

#include "eventbus/broker/embedded/embedded_broker.hpp"
#include "eventbus/bus/inbox.hpp"
#include "eventbus/bus/inbox_transaction.hpp"
#include "line_file.hpp"
#include "sigterm.hpp"

namespace {

using namespace eventbus;
using faults::must_end;
using faults::to_wake;

std::string name_of(const ReceivedEvent& event) {
    std::string payload(event.payload.size(), '\0');
    std::ranges::transform(event.payload, payload.begin(),
                           [](std::byte byte) { return static_cast<char>(byte); });
    return payload.substr(0, payload.find(' '));
}

void consume(char** argument) {
    const std::string group = argument[2];
    const auto broker = make_embedded_broker({.path = argument[0], .clock = now, .log = {}});
    const auto inbox = make_inbox(InboxOptions{.path = argument[3]});
    const InboxUse use =
        std::string(argument[4]) == "transaction" ? InboxUse::transaction : InboxUse::remember;
    const std::size_t most = std::stoull(argument[5]);
    const faults::LineFile effects(argument[6]);
    const faults::LineFile passed(argument[7]);
    const auto subscription = broker->subscribe(
        {.topics = {TopicName(argument[1])}, .group = GroupName(group), .reset = {}, .member = {}});
    to_wake = subscription.get();
    while (!must_end) {
        const auto events = subscription->poll(most, std::chrono::seconds(10));
        std::vector<Receipt> receipts;
        for (const ReceivedEvent& event : events) {
            const std::string name = name_of(event);
            const auto handle = [&](InboxTransaction* in) {
                if (in != nullptr) {
                    in->execute("INSERT INTO effects VALUES(?)", {name});
                } else {
                    effects.write(name + '\n');
                }
            };
            if (!inbox->run_once({group, "handler", event.metadata.id}, use, handle))
                passed.write(name + '\n');
            receipts.push_back({&event.topic, event.position});
        }
        if (!receipts.empty()) subscription->acknowledge(receipts);
    }
    to_wake = nullptr;
    subscription->close();
}

}  // namespace

int main(int count, char** arguments) try {
    faults::end_at_sigterm();
    if (count != 9) {
        std::fputs("faults_inbox_peer BUS TOPIC GROUP INBOX USE MOST EFFECTS PASSED\n", stderr);
        return 2;
    }
    consume(arguments + 1);
    return 0;
} catch (const std::exception& error) {
    std::fprintf(stderr, "faults_inbox_peer: %s\n", error.what());
    return 1;
}
