#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <thread>

namespace eventbus {

/// Answers each HTTP request with the same bytes, for what a real registry cannot be made to say.
class HttpDouble {
  public:
    /// `head` is the status line and headers without the length: `HTTP/1.1 200 OK`.
    HttpDouble(std::string head, std::string body);
    HttpDouble(const HttpDouble&) = delete;
    HttpDouble& operator=(const HttpDouble&) = delete;
    ~HttpDouble();

    [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
    [[nodiscard]] int requests() const { return requests_; }
    /// The head of the last request.
    [[nodiscard]] std::string last_request() const { return last_request_; }

  private:
    void serve();

    std::string answer_;
    int listener_ = -1;
    std::uint16_t port_ = 0;
    std::atomic<int> requests_ = 0;
    std::atomic<bool> ends_ = false;
    std::string last_request_;
    std::jthread thread_;
};

}  // namespace eventbus
