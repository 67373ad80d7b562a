#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <stdexcept>
#include <string>

#include "eventbus/broker/position.hpp"

// What a peer writes down for itself, and the test reads afterwards.
namespace eventbus::faults {

/// A file of lines that grows. What is written by one call is there whole or not at all: a kill leaves no
/// hole.
class LineFile {
  public:
    explicit LineFile(const std::string& path)
        : path_(path), file_(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600)) {
        if (file_ < 0) throw std::runtime_error("cannot make " + path);
    }
    LineFile(const LineFile&) = delete;
    LineFile& operator=(const LineFile&) = delete;
    ~LineFile() { ::close(file_); }

    void write(const std::string& lines) const {
        if (::write(file_, lines.data(), lines.size()) != static_cast<ssize_t>(lines.size()))
            throw std::runtime_error("cannot write " + path_);
    }

  private:
    std::string path_;
    int file_;
};

/// The line of a journal that says that an event was met now; see read_journal.
inline std::string journal_line(const Position& position, const std::string& key, const std::string& id) {
    return std::to_string(std::chrono::steady_clock::now().time_since_epoch().count()) + ' ' +
           std::to_string(static_cast<std::int32_t>(position.partition)) + ' ' +
           std::to_string(position.offset.number) + ' ' + std::to_string(position.offset.sequence) + ' ' +
           key + ' ' + id + '\n';
}

}  // namespace eventbus::faults
