#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "journal.hpp"
#include "service.hpp"

namespace eventbus::faults {

/// The senders and consumers of a service whose server or network is in trouble: they go on by themselves.
class Crew {
  public:
    Crew(const Service& service, std::uint32_t seed, const Consuming& consuming);

    /// Kills a consumer and starts another.
    void replace_a_consumer();
    /// Starts another consumer, and then ends one in order.
    void relieve_a_consumer();
    /// Fails the test unless all of them still run.
    void expect_all_run();
    /// Waits until the senders have stored so many more events than they had.
    void wait_until_sent(std::uint64_t more) const;
    /// What the consumers wrote down of a handler, by the consumer's name.
    [[nodiscard]] std::map<std::string, std::vector<Entry>> handled_by_member(
        const std::string& handler) const;
    /// When a consumer was told to end, in nanoseconds of the clock of the journals; the highest number when
    /// it was not.
    [[nodiscard]] std::int64_t told_to_end(const std::string& consumer) const;
    void stop_senders();
    /// When they have done all that there is.
    void stop_consumers();

  private:
    void add_consumer();
    [[nodiscard]] std::string oldest() const;

    const Service& service_;
    const Consuming consuming_;
    std::vector<Process> senders_;
    /// By their names.
    std::map<std::string, Process> consumers_;
    std::map<std::string, std::int64_t> told_to_end_;
    std::uint32_t seed_;
    int started_ = 0;
};

}  // namespace eventbus::faults
