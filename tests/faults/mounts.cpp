#include "mounts.hpp"

#include <grp.h>
#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <stdexcept>
#include <string>

namespace eventbus::faults {

namespace {

bool entered = false;

void require(bool done, const std::string& what) {
    if (!done) throw std::runtime_error("cannot " + what + ": " + std::strerror(errno));
}

void write_file(const char* path, const std::string& text) { std::ofstream(path) << text; }

bool enter_as_root_of_a_user_namespace() {
    const std::string user = std::to_string(::geteuid());
    const std::string group = std::to_string(::getegid());
    if (::unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0) return false;
    write_file("/proc/self/setgroups", "deny");
    write_file("/proc/self/uid_map", "0 " + user + " 1");
    write_file("/proc/self/gid_map", "0 " + group + " 1");
    return true;
}

// Permissions do not bind root.
void become_an_ordinary_user() {
    constexpr unsigned nobody = 65534;
    require(::setgroups(0, nullptr) == 0 && ::setgid(nobody) == 0 && ::setuid(nobody) == 0,
            "become an ordinary user");
}

}  // namespace

bool enter_private_mounts() {
    const bool unshared = ::unshare(CLONE_NEWNS) == 0 || enter_as_root_of_a_user_namespace();
    entered = unshared && ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0;
    if (!entered && ::geteuid() == 0) become_an_ordinary_user();
    return entered;
}

bool has_private_mounts() { return entered; }

SmallDisk::SmallDisk(std::size_t bytes) : bytes_(bytes) {
    std::string name = (std::filesystem::temp_directory_path() / "eventbus-small-XXXXXX").string();
    require(::mkdtemp(name.data()) != nullptr, "make " + name);
    directory_ = name;
    if (has_private_mounts()) {
        const std::string size = "size=" + std::to_string(bytes);
        require(::mount("none", directory_.c_str(), "tmpfs", 0, size.c_str()) == 0,
                "mount a small file system");
    } else {
        std::signal(SIGXFSZ, SIG_IGN);
        ::getrlimit(RLIMIT_FSIZE, &before_);
        resize(bytes);
    }
}

SmallDisk::~SmallDisk() {
    if (has_private_mounts()) {
        ::umount2(directory_.c_str(), MNT_DETACH);
    } else {
        ::setrlimit(RLIMIT_FSIZE, &before_);
    }
    std::error_code ignored;
    std::filesystem::remove_all(directory_, ignored);
}

void SmallDisk::resize(std::size_t bytes) {
    if (has_private_mounts()) {
        const std::string size = "size=" + std::to_string(bytes);
        require(::mount("none", directory_.c_str(), "tmpfs", MS_REMOUNT, size.c_str()) == 0,
                "resize the small file system");
        return;
    }
    rlimit limit = before_;
    limit.rlim_cur = bytes;
    require(::setrlimit(RLIMIT_FSIZE, &limit) == 0, "limit the size of files");
}

void SmallDisk::fill() {
    if (!has_private_mounts()) {
        resize(1);
        return;
    }
    std::ofstream ballast(directory_ / "ballast", std::ios::binary);
    const std::string page(4096, 'x');
    while (ballast.write(page.data(), static_cast<std::streamsize>(page.size())).flush()) {
    }
}

void SmallDisk::make_room() {
    std::filesystem::remove(directory_ / "ballast");
    resize(2 * bytes_);
}

ReadOnly::ReadOnly(std::filesystem::path path) : path_(std::move(path)) {
    if (has_private_mounts()) {
        const char* const place = path_.c_str();
        require(::mount(place, place, nullptr, MS_BIND, nullptr) == 0, "bind " + path_.string());
        require(::mount(nullptr, place, nullptr, MS_REMOUNT | MS_BIND | MS_RDONLY, nullptr) == 0,
                "make " + path_.string() + " read-only");
        return;
    }
    if (::geteuid() == 0)
        throw std::runtime_error("root without mounts of its own has no way to make " + path_.string() +
                                 " read-only");
    using std::filesystem::perms;
    before_ = std::filesystem::status(path_).permissions();
    std::filesystem::permissions(path_,
                                 before_ & ~(perms::owner_write | perms::group_write | perms::others_write));
}

ReadOnly::~ReadOnly() {
    if (has_private_mounts()) {
        ::umount2(path_.c_str(), MNT_DETACH);
    } else {
        std::error_code ignored;
        std::filesystem::permissions(path_, before_, ignored);
    }
}

}  // namespace eventbus::faults
