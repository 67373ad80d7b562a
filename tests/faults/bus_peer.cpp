// A service's processes for the fault tests; which backend they use stands in the environment:
//   faults_bus_peer send NAME SEED JOURNAL [goes-on]
//   faults_bus_peer consume GROUP SEED JOURNALS MISCHIEF...
// A sender writes an event down once it is stored, and ends with an error when one is not; one that goes on
// logs it instead. Each handler writes down what it handled, in JOURNALS and
// its name. MISCHIEF is what goes wrong in a handler instead, and how often in a thousand calls: throw:100
// reject:20 hang:5 exit:3 memory:1; poison:30 means that the handler `mail` refuses each event of which the
// number can be divided by 30. `archive` takes batches, and fails single events of them. All end well at
// SIGTERM.

#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "eventbus/bus/consumer.hpp"
#include "eventbus/catalogue/learning.hpp"
#include "eventbus/command/exit_code.hpp"
#include "eventbus/command/stop_signals.hpp"
#include "line_file.hpp"
#include "sigterm.hpp"

namespace {

using namespace eventbus;
using learning::SESSION_LOGIN_COMPLETED;
using learning::SessionLoginCompleted;
using std::chrono::milliseconds;

constexpr std::uint64_t keys = 40;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool limits_memory = false;  // Their shadow memory has no room under a limit.
#else
constexpr bool limits_memory = true;
#endif

/// Writes each line by itself, in the order of time.
class Journal {
  public:
    explicit Journal(const std::string& path) : file_(path) {}

    void write(const Position& position, const std::string& key, const std::string& id) {
        const std::lock_guard lock(mutex_);
        file_.write(faults::journal_line(position, key, id));
    }

  private:
    std::mutex mutex_;
    faults::LineFile file_;
};

class Random {
  public:
    explicit Random(const std::string& seed)
        : engine_(static_cast<std::mt19937::result_type>(std::stoul(seed))) {}
    std::uint64_t pick(std::uint64_t from, std::uint64_t to) {
        const std::lock_guard lock(mutex_);
        return std::uniform_int_distribution<std::uint64_t>(from, to)(engine_);
    }

  private:
    std::mutex mutex_;
    std::mt19937 engine_;
};

BusOptions bus_options(const std::string& log_path) {
    std::vector<std::string> warnings;
    BusOptions options;
    options.settings = Settings::load(warnings);
    if (!warnings.empty()) throw std::runtime_error(warnings.front());
    const auto file = std::make_shared<std::ofstream>(log_path, std::ios::app);
    const auto mutex = std::make_shared<std::mutex>();
    options.log = [file, mutex](LogLevel, std::string_view text) {
        const std::lock_guard lock(*mutex);
        *file << text << std::endl;
    };
    return options;
}

// The id stands in the data so that it is found in stored bytes without decoding.
SessionLoginCompleted login(const std::string& id, std::uint64_t number) {
    return {{.id = static_cast<std::int64_t>(number),
             .is_active = true,
             .pii = {.username = "key" + std::to_string(number * 7919 % keys),
                     .email = "<<" + id + ">>",
                     .name = std::string(number % 200, 'x')}}};
}

std::string id_of(const SessionLoginCompleted& data) {
    const std::string& marked = data.user.pii.email;
    return marked.substr(2, marked.size() - 4);
}

class Sender {
  public:
    Sender(char** argument, bool goes_on)
        : name_(argument[0]),
          goes_on_(goes_on),
          random_(argument[1]),
          journal_(argument[2]),
          bus_(bus_options(std::string(argument[2]) + ".log")) {}

    void run(const std::stop_token& stop) {
        while (!stop.stop_requested()) {
            switch (random_.pick(0, 2)) {
                case 0:
                    send_one();
                    break;
                case 1:
                    send_some();
                    break;
                default:
                    post_some();
                    break;
            }
            std::this_thread::sleep_for(milliseconds(random_.pick(2, 14)));
        }
        if (!bus_.flush(std::chrono::minutes(1)))
            throw std::runtime_error("what was posted is not stored in time");
    }

  private:
    void send_one() {
        const SessionLoginCompleted data = next();
        try {
            note(data, bus_.send(SESSION_LOGIN_COMPLETED, data));
        } catch (const SendFailed& failed) {
            note_failed({data}, failed);
        }
    }

    void send_some() {
        std::vector<SessionLoginCompleted> data;
        for (std::uint64_t left = random_.pick(2, 12); left > 0; --left) data.push_back(next());
        try {
            const auto reports = bus_.send_all(SESSION_LOGIN_COMPLETED, data);
            for (std::size_t i = 0; i < data.size(); ++i) note(data[i], reports[i]);
        } catch (const SendFailed& failed) {
            note_failed(data, failed);
        }
    }
    void post_some() {
        for (std::uint64_t left = random_.pick(1, 6); left > 0; --left) {
            const SessionLoginCompleted data = next();
            bus_.post(SESSION_LOGIN_COMPLETED, data, {},
                      [this, data](const SendReport& report) { note(data, report); });
        }
    }

    SessionLoginCompleted next() {
        const std::uint64_t number = next_++;
        return login(name_ + '-' + std::to_string(number), number);
    }
    void note(const SessionLoginCompleted& data, const SendReport& report) {
        if (report.stored()) {
            journal_.write(report.topics.at(0).position, data.user.pii.username, id_of(data));
        } else if (!goes_on_) {
            throw std::runtime_error("an event is not stored");
        }
    }
    void note_failed(const std::vector<SessionLoginCompleted>& data, const SendFailed& failed) {
        if (!goes_on_) throw;
        bus_.log(LogLevel::warning, failed.what());
        for (std::size_t i = 0; i < data.size(); ++i) note(data[i], failed.reports()[i]);
    }

    const std::string name_;
    const bool goes_on_;
    Random random_;
    Journal journal_;
    std::uint64_t next_ = 0;
    Bus bus_;
};

/// What goes wrong in a handler.
class Mischief {
  public:
    Mischief(Random& random, char** words, char** end) : random_(random) {
        for (; words != end; ++words) {
            const std::string word = *words;
            const std::size_t colon = word.find(':');
            often_[word.substr(0, colon)] = std::stoull(word.substr(colon + 1));
        }
    }

    void happen(const std::string& handler, std::uint64_t number) {
        if (happens("exit")) ::_exit(3);
        if (happens("hang")) std::this_thread::sleep_for(milliseconds(80));
        if (happens("memory")) exhaust_memory();
        if (const std::uint64_t each = often_["poison"]; each != 0 && handler == "mail" && number % each == 0)
            throw Reject("this event is poison");
        if (happens("reject")) throw Reject("not today");
        if (happens("throw")) throw std::runtime_error("no luck");
    }

  private:
    bool happens(const std::string& what) {
        const auto often = often_.find(what);
        return often != often_.end() && random_.pick(0, 999) < often->second;
    }

    // For the whole process for a moment, so that it hits whoever needs memory.
    static void exhaust_memory() {
        if (!limits_memory) throw std::bad_alloc();
        std::ifstream statm("/proc/self/statm");
        rlim_t pages = 0;
        statm >> pages;
        rlimit before{};
        ::getrlimit(RLIMIT_AS, &before);
        rlimit now = before;
        now.rlim_cur = pages * static_cast<rlim_t>(::sysconf(_SC_PAGESIZE));
        ::setrlimit(RLIMIT_AS, &now);
        bool failed = false;
        std::vector<std::vector<char>> hoard;
        const auto until = std::chrono::steady_clock::now() + milliseconds(3);
        while (std::chrono::steady_clock::now() < until) {
            try {
                hoard.emplace_back(failed ? 64 : std::size_t{1} << 20U);
            } catch (const std::bad_alloc&) {
                failed = true;
            }
        }
        ::setrlimit(RLIMIT_AS, &before);
        throw std::bad_alloc();
    }

    Random& random_;
    std::map<std::string, std::uint64_t> often_;
};

void consume(char** argument, char** end, const std::stop_token& stop) {
    const std::string group = argument[0];
    const std::string journals = argument[2];
    Random random(argument[1]);
    Mischief mischief(random, argument + 3, end);
    Bus bus(bus_options(journals + ".log"));
    std::map<std::string, std::unique_ptr<Journal>> handled;
    for (const std::string name : {"mail", "index"}) {
        Journal* const journal =
            handled.emplace(name, std::make_unique<Journal>(std::string(journals).append("-").append(name)))
                .first->second.get();
        bus.connect(
            SESSION_LOGIN_COMPLETED, name,
            [&mischief, name, journal](const SessionLoginCompleted& data, const EventContext& context) {
                mischief.happen(name, static_cast<std::uint64_t>(data.user.id));
                const std::string& marked = data.user.pii.email;
                journal->write(context.received->position, data.user.pii.username,
                               marked.substr(2, marked.size() - 4));
            });
    }
    Journal archived(journals + "-archive");
    bus.connect_batch(SESSION_LOGIN_COMPLETED, "archive",
                      [&](Batch<SessionLoginCompleted>& batch) {
                          for (std::size_t i = 0; i < batch.size(); ++i) {
                              try {
                                  mischief.happen("archive", static_cast<std::uint64_t>(batch[i].user.id));
                              } catch (const std::exception& error) {
                                  batch.fail(i, error.what());
                                  continue;
                              }
                              archived.write(batch.context(i).received->position, batch[i].user.pii.username,
                                             id_of(batch[i]));
                          }
                      },
                      {.batch = {.most = 20, .longest_wait = milliseconds(15)}});
    Consumer consumer(bus, {.topics = {"logins"}, .group = group});
    consumer.run(stop);
}

}  // namespace

int main(int count, char** arguments) try {
    const StopSignals signals;
    faults::let_sigterm_in();
    const std::string what = count > 1 ? arguments[1] : "";
    if (what == "send" && (count == 5 || count == 6)) {
        Sender(arguments + 2, count == 6).run(signals.token());
    } else if (what == "consume" && count >= 5) {
        consume(arguments + 2, arguments + count, signals.token());
    } else {
        std::fputs("faults_bus_peer send|consume ...\n", stderr);
        return 2;
    }
    return 0;
} catch (const std::exception& error) {
    std::fprintf(stderr, "faults_bus_peer: %s\n", error.what());
    return static_cast<int>(exit_code_of(error));
}
