#pragma once

#include <sys/resource.h>

#include <cstddef>
#include <filesystem>

namespace eventbus::faults {

/// Gives this process mounts of its own, as root or in a user namespace, so that tests may have small and
/// read-only file systems that are gone with it. When the machine forbids both it returns false, and root has
/// become an ordinary user, whom permissions bind. Called before any thread is started.
bool enter_private_mounts();

/// Whether `enter_private_mounts` succeeded.
[[nodiscard]] bool has_private_mounts();

/// A file system with little room, or when there are no private mounts a limit on the size of files.
class SmallDisk {
  public:
    explicit SmallDisk(std::size_t bytes);
    SmallDisk(const SmallDisk&) = delete;
    SmallDisk& operator=(const SmallDisk&) = delete;
    ~SmallDisk();

    [[nodiscard]] const std::filesystem::path& directory() const { return directory_; }
    /// Takes all the room there is.
    void fill();
    /// Gives it back, and twice as much as there was.
    void make_room();

  private:
    void resize(std::size_t bytes);

    std::filesystem::path directory_;
    std::size_t bytes_;
    rlimit before_{};
};

/// A file or directory that cannot be written to as long as this lives. Throws when the machine has no way.
class ReadOnly {
  public:
    explicit ReadOnly(std::filesystem::path path);
    ReadOnly(const ReadOnly&) = delete;
    ReadOnly& operator=(const ReadOnly&) = delete;
    ~ReadOnly();

  private:
    std::filesystem::path path_;
    std::filesystem::perms before_{};
};

}  // namespace eventbus::faults
