#include "environment.hpp"

#include <sqlite3.h>
#include <sys/statfs.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <fstream>
#include <iomanip>
#include <ostream>
#include <string>

#include "sample.hpp"

namespace eventbus::bench {

namespace {

std::string processor() {
    std::ifstream info("/proc/cpuinfo");
    for (std::string line; std::getline(info, line);)
        if (line.starts_with("model name")) return line.substr(line.find(':') + 2);
    return "unknown";
}

}  // namespace

void print_environment(std::ostream& out) {
    utsname system{};
    ::uname(&system);
    const ScratchDirectory scratch;
    struct statfs disk {};
    ::statfs(scratch.file(".").c_str(), &disk);
    out << "processor    " << ::sysconf(_SC_NPROCESSORS_ONLN) << " x " << processor() << '\n'
        << "memory       " << ::sysconf(_SC_PHYS_PAGES) / 1024 * ::sysconf(_SC_PAGESIZE) / 1024 / 1024
        << " GiB\n"
        << "kernel       " << system.sysname << ' ' << system.release << '\n'
        << "compiler     GCC " << __VERSION__ << ", " << EVENTBUS_BUILD_TYPE << '\n'
        << "SQLite       " << sqlite3_libversion() << '\n'
        << "file system  of the bus's file: 0x" << std::hex << disk.f_type << std::dec
        << " (0xef53 is ext4, 0x1021994 tmpfs, 0x794c7630 overlay)\n\n";
}

}  // namespace eventbus::bench
