#include "eventbus/broker/redis/member_name.hpp"

#include <unistd.h>

#include <array>
#include <random>

namespace eventbus::redis_streams {

namespace {

std::string host_name() {
    std::array<char, 256> name{};
    if (::gethostname(name.data(), name.size() - 1) != 0) return "host";
    return name.data();
}

std::string random_token() {
    std::random_device random;
    constexpr std::string_view digits = "0123456789abcdef";
    std::string token;
    for (int i = 0; i < 12; ++i) token += digits[random() % digits.size()];
    return token;
}

}  // namespace

MemberName MemberName::make(std::string_view given) {
    MemberName name{.consumer = std::string(given), .token = random_token(), .is_unique = given.empty()};
    if (given.empty()) name.consumer = host_name() + "-" + std::to_string(::getpid()) + "-" + name.token;
    return name;
}

std::string owner_key(const TopicName& topic, const GroupName& group) {
    return "eventbus:owner:" + topic.str() + ":" + group.str();
}

std::string past_owners_key(const TopicName& topic, const GroupName& group) {
    return "eventbus:past-owners:" + topic.str() + ":" + group.str();
}

std::string_view consumer_of(std::string_view owner) {
    const std::size_t colon = owner.find(':');
    return colon == std::string_view::npos ? owner : owner.substr(colon + 1);
}

}  // namespace eventbus::redis_streams
