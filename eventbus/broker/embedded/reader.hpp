#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "eventbus/broker/embedded/embedded_broker.hpp"
#include "eventbus/broker/embedded/topics.hpp"

namespace eventbus::embedded {

class EmbeddedReader final : public Reader {
  public:
    EmbeddedReader(std::shared_ptr<const EmbeddedOptions> options, ReadOptions what);
    EmbeddedReader(const EmbeddedReader&) = delete;
    EmbeddedReader& operator=(const EmbeddedReader&) = delete;
    ~EmbeddedReader() override;

    [[nodiscard]] std::vector<ReceivedEvent> read(std::size_t most) override;
    [[nodiscard]] std::uint64_t left() override;

  private:
    struct File;

    void start_afresh_after_fork();
    [[nodiscard]] const std::optional<Topic>& find();
    void begin(const Topic& topic);

    std::shared_ptr<const EmbeddedOptions> options_;
    ReadOptions what_;
    unsigned generation_;
    std::unique_ptr<File> file_;
    std::optional<Topic> topic_;
    /// Where each partition starts and ends.
    std::vector<std::int64_t> starts_;
    std::vector<std::int64_t> ends_;
    /// Next offset of the topic to look at.
    std::int64_t cursor_ = 0;
};

}  // namespace eventbus::embedded
