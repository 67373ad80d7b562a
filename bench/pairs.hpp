#pragma once

#include <chrono>
#include <cstddef>
#include <vector>

#include "quantile.hpp"

namespace eventbus::bench {

/// How long it takes.
template <class Work>
double seconds(const Work& work) {
    const auto start = std::chrono::steady_clock::now();
    work();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// How many times faster ours are than theirs: the median of the pairs' ratios, as what disturbs one of a
/// pair disturbs both.
inline double median_ratio(const std::vector<double>& theirs, const std::vector<double>& ours) {
    std::vector<double> ratios;
    for (std::size_t i = 0; i < ours.size(); ++i) ratios.push_back(theirs[i] / ours[i]);
    return quantile(ratios, 0.5);
}

}  // namespace eventbus::bench
