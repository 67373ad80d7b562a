#pragma once

#include <mutex>

namespace eventbus {

// Connections to a store, and the locks around them, are one process's own. A child that went on with them
// would speak in its parent's name: SQLite would believe that it holds locks which only its parent holds, two
// processes would write into one socket. So a fork waits until no thread is inside such a thing, and the
// child closes at once what it inherited; the objects that used it notice by `fork_generation` and open it
// anew.

/// How many forks lie between this process and the first one that asked: another number than before tells a
/// child that it is one.
[[nodiscard]] unsigned fork_generation() noexcept;

/// No thread of this process forks while one of these lives. Another one in the same thread costs nothing.
class NoFork {
  public:
    NoFork();
    ~NoFork();
    NoFork(const NoFork&) = delete;
    NoFork& operator=(const NoFork&) = delete;
};

/// The same for work that may take long, and wait for other threads: until the fork can begin, others still
/// get their NoFork. Not begun by a thread that holds a NoFork; a thread may fork while it holds one itself.
class LongNoFork {
  public:
    LongNoFork();
    ~LongNoFork();
    LongNoFork(const LongNoFork&) = delete;
    LongNoFork& operator=(const LongNoFork&) = delete;
};

/// A lock on a mutex that no child inherits locked, because no fork is possible while it is.
class Turn {
  public:
    explicit Turn(std::mutex& mutex) : lock_(mutex) {}

  private:
    NoFork no_fork_;
    std::lock_guard<std::mutex> lock_;
};

/// A thing that a child closes as soon as it is forked.
class ClosedByFork {
  public:
    ClosedByFork() = default;
    virtual ~ClosedByFork() = default;
    ClosedByFork(const ClosedByFork&) = delete;
    ClosedByFork& operator=(const ClosedByFork&) = delete;

    /// Called in the child, which has one thread. The thing is never used again there.
    virtual void close_in_child() noexcept = 0;

  protected:
    /// From the opening on until `closed`; both are called while a NoFork lives.
    void opened();
    void closed() noexcept;
};

}  // namespace eventbus
