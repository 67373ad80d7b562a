#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "eventbus/event/error.hpp"
#include "eventbus/settings/settings.hpp"

namespace {

// One variable a line, `NAME=value`.
eventbus::Settings::Values variables(std::string_view text) {
    eventbus::Settings::Values values;
    while (!text.empty()) {
        const std::string_view line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(line.size() + 1, text.size()));
        const std::size_t equals = line.find('=');
        if (equals != std::string_view::npos) values.emplace(line.substr(0, equals), line.substr(equals + 1));
    }
    // It would make the result depend on the machine's files.
    values.erase(std::string(eventbus::setting::CONFIG.name));
    return values;
}

// What was read without an error must be in force as its type, and be shown without its secrets.
void check(const eventbus::Settings& settings) {
    namespace setting = eventbus::setting;
    static_cast<void>(settings.get(setting::PRODUCER));
    static_cast<void>(settings.get(setting::CONSUMER_STOP_TIMEOUT));
    static_cast<void>(settings.get(setting::REDIS_CONSUMERS_ENABLED));
    static_cast<void>(settings.get(setting::PRODUCER_CONFIG));
    const auto partitions = settings.get(setting::EMBEDDED_PARTITIONS);
    if (partitions < 1 || partitions > 1024) std::abort();
    for (const eventbus::SettingView& view : settings.view())
        if (view.declaration->secrecy == eventbus::Secrecy::secret &&
            view.value.value_or("********") != "********")
            std::abort();
}

}  // namespace

// The first byte chooses: `e` is followed by environment variables, `f` by the text of a file. Whatever comes
// must be read or refused with a SettingsError.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::string text(data + 1, data + size);
    std::vector<std::string> warnings;
    try {
        if (data[0] % 2 == 1) {
            check(eventbus::Settings::load(variables(text), warnings));
        } else {
            check(eventbus::Settings::load({}, "settings.yaml", text, warnings));
        }
    } catch (const eventbus::SettingsError&) {
    }
    return 0;
}
