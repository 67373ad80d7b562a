#include "eventbus/broker/assignment.hpp"

#include <algorithm>
#include <tuple>

#include "eventbus/broker/partitioner.hpp"

namespace eventbus {

namespace {

std::size_t rank_of(std::string_view topic, std::span<const std::string> members, std::string_view self) {
    const auto place = [&](std::string_view member) {
        return std::tuple(murmur2(std::string(topic).append(1, '\0').append(member)), member);
    };
    const auto mine = place(self);
    return static_cast<std::size_t>(
        std::ranges::count_if(members, [&](const std::string& member) { return place(member) < mine; }));
}

}  // namespace

AssignmentStep next_step(std::string_view topic, std::span<const std::string> members, std::string_view self,
                         std::span<const Ownership> partitions) {
    AssignmentStep step;
    const std::size_t odd = partitions.size() % members.size();
    const std::size_t share =
        partitions.size() / members.size() + (rank_of(topic, members, self) < odd ? 1 : 0);
    auto owned = static_cast<std::size_t>(std::ranges::count(partitions, Ownership::mine));
    for (std::size_t i = partitions.size(); i-- > 0 && owned > share;) {
        if (partitions[i] != Ownership::mine) continue;
        step.give_up.push_back(static_cast<std::int32_t>(i));
        --owned;
    }
    for (std::size_t i = 0; i < partitions.size() && owned < share; ++i) {
        if (partitions[i] != Ownership::free) continue;
        step.take.push_back(static_cast<std::int32_t>(i));
        ++owned;
    }
    return step;
}

}  // namespace eventbus
