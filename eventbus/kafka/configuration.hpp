#pragma once

#include <librdkafka/rdkafka.h>

#include <map>
#include <memory>
#include <string>

namespace eventbus::kafka {

/// librdkafka's properties by name: `linger.ms`, `security.protocol`, ...
using Properties = std::map<std::string, std::string>;

struct DestroyConfiguration {
    void operator()(rd_kafka_conf_t* conf) const { rd_kafka_conf_destroy(conf); }
};
using Configuration = std::unique_ptr<rd_kafka_conf_t, DestroyConfiguration>;

/// A configuration with these properties. Throws SettingsError that names the property and says what
/// librdkafka has against it; values are left out, as they may be secrets.
[[nodiscard]] Configuration make_configuration(const Properties& properties);

}  // namespace eventbus::kafka
