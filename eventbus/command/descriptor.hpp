#pragma once

#include <utility>

namespace eventbus {

/// Owns a file descriptor.
class Descriptor {
  public:
    Descriptor() = default;
    explicit Descriptor(int number) : number_(number) {}
    Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
    Descriptor& operator=(Descriptor&& other) noexcept {
        if (this != &other) {
            close();
            number_ = std::exchange(other.number_, -1);
        }
        return *this;
    }
    ~Descriptor() { close(); }

    [[nodiscard]] int get() const noexcept { return number_; }
    [[nodiscard]] bool is_open() const noexcept { return number_ >= 0; }
    void close() noexcept;

  private:
    int number_ = -1;
};

/// The two ends of a pipe, both closed on exec.
struct Pipe {
    Descriptor read_end;
    Descriptor write_end;
};

/// Throws std::system_error.
[[nodiscard]] Pipe make_pipe();

/// From now on reads and writes return at once when they would wait. Throws std::system_error.
void stop_blocking(const Descriptor& descriptor);

}  // namespace eventbus
