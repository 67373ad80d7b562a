#pragma once

#include <benchmark/benchmark.h>

#include <iosfwd>
#include <map>
#include <string>

namespace eventbus::bench {

/// Prints the benchmarks as they run, and keeps their figures to compare them with the goals.
class GoalReporter : public benchmark::ConsoleReporter {
  public:
    GoalReporter() : ConsoleReporter(OO_Tabular) {}
    void ReportRuns(const std::vector<Run>& runs) override;

    /// The table of goals, for those whose benchmarks ran.
    void print_goals(std::ostream& out) const;

  private:
    /// By benchmark and figure: `encode_enrollment/ns`, `encode_enrollment/allocations`.
    std::map<std::string, double> figures_;
};

}  // namespace eventbus::bench
