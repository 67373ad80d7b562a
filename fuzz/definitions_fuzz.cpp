// Text as a file of event definitions: read, or refused with errors that have a place; what is read is
// written as C++.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "cpp_writer.hpp"
#include "eventbus/avro/schema.hpp"
#include "schema_writer.hpp"
#include "yaml_reader.hpp"

namespace {

using namespace eventbus::generator;

void require(bool holds) {
    if (!holds) std::abort();
}

void check(const Subdomain& subdomain) {
    require(!subdomain.events.empty());
    require(!cpp_header(subdomain, "fuzz.yaml").empty());
    require(!cpp_source(subdomain, "fuzz.yaml", "fuzz.hpp").empty());
    for (const Event& event : subdomain.events) {
        const auto schema = eventbus::avro::SchemaDocument::parse(avro_schema(subdomain, event));
        require(schema->has_legal_names() || !event.legal_avro_namespace);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Diagnostics diagnostics("fuzz.yaml");
    const auto subdomain = read_yaml({reinterpret_cast<const char*>(data), size}, diagnostics);
    require(subdomain.has_value() == diagnostics.lines().empty());
    if (subdomain) check(*subdomain);
    return 0;
}
