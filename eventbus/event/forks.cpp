#include "eventbus/event/forks.hpp"

#include <pthread.h>

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <set>

namespace eventbus {

namespace {

struct Gate {
    std::mutex mutex;
    std::unique_ptr<std::condition_variable> changed = std::make_unique<std::condition_variable>();
    /// Threads that hold a NoFork.
    int inside = 0;
    /// Threads that hold a LongNoFork.
    int at_work = 0;
    /// A fork waits for those at work, or for those inside.
    bool fork_waits = false;
    /// A fork waits for those inside, or is under way.
    bool forking = false;
    std::set<ClosedByFork*> open;
    std::atomic<unsigned> generation = 0;
};

thread_local int depth = 0;
thread_local int works = 0;

void before_fork();
void after_fork_in_parent();
void after_fork_in_child();

// Never destroyed: objects of static lifetime may use it while the process ends.
Gate& gate() {
    static Gate& made = []() -> Gate& {
        ::pthread_atfork(before_fork, after_fork_in_parent, after_fork_in_child);
        return *std::make_unique<Gate>().release();
    }();
    return made;
}

// Leaves the mutex locked for the fork itself.
void before_fork() {
    Gate& the = gate();
    std::unique_lock lock(the.mutex);
    the.changed->wait(lock, [&] { return !the.fork_waits; });
    the.fork_waits = true;
    the.changed->wait(lock, [&] { return the.at_work == (works > 0 ? 1 : 0); });
    the.forking = true;
    the.changed->wait(lock, [&] { return the.inside == (depth > 0 ? 1 : 0); });
    static_cast<void>(lock.release());
}

void after_fork_in_parent() {
    Gate& the = gate();
    the.fork_waits = false;
    the.forking = false;
    the.mutex.unlock();
    the.changed->notify_all();
}

void after_fork_in_child() {
    Gate& the = gate();
    // The old one remembers waiters that this process does not have, and would wait for them at its end.
    static_cast<void>(the.changed.release());
    the.changed = std::make_unique<std::condition_variable>();
    the.inside = depth > 0 ? 1 : 0;
    the.at_work = works > 0 ? 1 : 0;
    the.fork_waits = false;
    the.forking = false;
    for (ClosedByFork* thing : the.open) thing->close_in_child();
    the.open.clear();
    ++the.generation;
    the.mutex.unlock();
}

}  // namespace

unsigned fork_generation() noexcept { return gate().generation.load(std::memory_order_acquire); }

NoFork::NoFork() {
    if (depth++ > 0) return;
    Gate& the = gate();
    std::unique_lock lock(the.mutex);
    the.changed->wait(lock, [&] { return !the.forking; });
    ++the.inside;
}

NoFork::~NoFork() {
    if (--depth > 0) return;
    Gate& the = gate();
    const std::lock_guard lock(the.mutex);
    --the.inside;
    if (the.forking) the.changed->notify_all();
}

LongNoFork::LongNoFork() {
    if (works++ > 0) return;
    Gate& the = gate();
    std::unique_lock lock(the.mutex);
    the.changed->wait(lock, [&] { return !the.fork_waits; });
    ++the.at_work;
}

LongNoFork::~LongNoFork() {
    if (--works > 0) return;
    Gate& the = gate();
    const std::lock_guard lock(the.mutex);
    --the.at_work;
    if (the.fork_waits) the.changed->notify_all();
}

void ClosedByFork::opened() {
    Gate& the = gate();
    const std::lock_guard lock(the.mutex);
    the.open.insert(this);
}

void ClosedByFork::closed() noexcept {
    Gate& the = gate();
    const std::lock_guard lock(the.mutex);
    the.open.erase(this);
}

}  // namespace eventbus
