// Answers requests of the test beside the Python consumers: on each line of standard input a JSON object with
// a limit and steps, on each line of standard output after how many steps a consumer ends, null when it does
// not.
#include <iostream>
#include <nlohmann/json.hpp>
#include <string>

#include "eventbus/bus/error_streak.hpp"

namespace {

using Json = nlohmann::json;

void take(eventbus::ErrorStreak& streak, char step) {
    if (step == 'h') streak.add_success();
    if (step == 'f' || step == 'p') streak.add_error("step");
}

Json answer(const Json& request) {
    eventbus::ErrorStreak streak(request.at("limit").get<std::uint64_t>());
    int taken = 0;
    for (const char step : request.at("steps").get<std::string>()) {
        take(streak, step);
        ++taken;
        try {
            streak.check();
        } catch (const eventbus::TooManyErrors&) {
            return {{"ended", taken}};
        }
    }
    return {{"ended", nullptr}};
}

}  // namespace

int main() {
    std::string line;
    while (std::getline(std::cin, line)) std::cout << answer(Json::parse(line)).dump() << std::endl;
}
