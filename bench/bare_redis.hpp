#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

struct redisContext;

namespace eventbus::bench {

/// What the Redis backend is measured against: hiredis alone, the same fields and bytes, pipelined by the
/// same batches. Throws std::runtime_error.
class BareRedis {
  public:
    using Fields = std::vector<std::pair<std::string, std::string>>;

    explicit BareRedis(std::uint16_t port);

    /// XADD with MAXLEN ~ of the same fields so many times, and reads every reply.
    void publish(const std::string& stream, const Fields& fields, std::size_t count);
    void make_group(const std::string& stream, const std::string& group);
    /// One XREADGROUP of up to `most`, which waits for the first, and one XACK of all that came; how many
    /// came.
    std::size_t consume(const std::string& stream, const std::string& group, std::size_t most);
    /// The fields of the first entry of a stream.
    [[nodiscard]] Fields first_fields(const std::string& stream);
    /// Removes all.
    void flush();

  private:
    struct Free {
        void operator()(redisContext* context) const noexcept;
    };
    std::unique_ptr<redisContext, Free> context_;
};

}  // namespace eventbus::bench
