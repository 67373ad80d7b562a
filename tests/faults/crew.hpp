#pragma once

#include <vector>

#include "service.hpp"

namespace eventbus::faults {

/// The senders and consumers of a service whose server or network is in trouble: they go on by themselves.
class Crew {
  public:
    Crew(const Service& service, std::uint32_t seed, const Consuming& consuming);

    /// Kills a consumer and starts another.
    void replace_a_consumer();
    /// Fails the test unless all of them still run.
    void expect_all_run();
    /// Waits until the senders have stored so many more events than they had.
    void wait_until_sent(std::uint64_t more) const;
    void stop_senders();
    /// When they have done all that there is.
    void stop_consumers();

  private:
    void add_consumer();

    const Service& service_;
    const Consuming consuming_;
    std::vector<Process> senders_;
    std::vector<Process> consumers_;
    std::uint32_t seed_;
    int started_ = 0;
};

}  // namespace eventbus::faults
