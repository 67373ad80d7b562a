// A consumer with an inbox:
//   faults_inbox_peer BUS TOPIC GROUP INBOX remember|transaction MOST EFFECTS PASSED
// Its handler's effect is the event's id: a row of the table `effects` in the inbox's own file, in the
// inbox's transaction, or else a line of the file EFFECTS. Events that it had finished before, and did not
// handle again, are lines of the file PASSED. Ends well at SIGTERM.

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <stdexcept>
#include <string>

#include "eventbus/broker/embedded/embedded_broker.hpp"
#include "eventbus/bus/inbox.hpp"
#include "eventbus/bus/inbox_transaction.hpp"

namespace {

using namespace eventbus;

std::atomic<Subscription*> to_wake = nullptr;
std::atomic<bool> must_end = false;

extern "C" void end(int) {
    must_end = true;
    if (Subscription* const subscription = to_wake) subscription->wake();
}

/// Whole lines.
class Lines {
  public:
    explicit Lines(const char* path) : file_(::open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600)) {
        if (file_ < 0) throw std::runtime_error(std::string("cannot make ") + path);
    }
    Lines(const Lines&) = delete;
    Lines& operator=(const Lines&) = delete;
    ~Lines() { ::close(file_); }

    void add(const std::string& text) const {
        const std::string line = text + '\n';
        if (::write(file_, line.data(), line.size()) != static_cast<ssize_t>(line.size()))
            throw std::runtime_error("cannot write lines");
    }

  private:
    int file_;
};

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
    const Lines effects(argument[6]);
    const Lines passed(argument[7]);
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
                    effects.add(name);
                }
            };
            if (!inbox->run_once({group, "handler", event.metadata.id}, use, handle)) passed.add(name);
            receipts.push_back({&event.topic, event.position});
        }
        if (!receipts.empty()) subscription->acknowledge(receipts);
    }
    to_wake = nullptr;
    subscription->close();
}

}  // namespace

int main(int count, char** arguments) try {
    struct sigaction action {};
    action.sa_handler = end;
    ::sigaction(SIGTERM, &action, nullptr);
    sigset_t term;
    ::sigemptyset(&term);
    ::sigaddset(&term, SIGTERM);
    ::sigprocmask(SIG_UNBLOCK, &term, nullptr);
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
