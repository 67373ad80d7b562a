#include <benchmark/benchmark.h>

#include <iostream>

#include "environment.hpp"
#include "goals.hpp"

int main(int argc, char** argv) {
    benchmark::Initialize(&argc, argv);
    if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
    eventbus::bench::print_environment(std::cout);
    eventbus::bench::GoalReporter reporter;
    benchmark::RunSpecifiedBenchmarks(&reporter);
    reporter.print_goals(std::cout);
}
