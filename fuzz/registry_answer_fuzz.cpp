// What a schema registry, or a server that is none, answers, and what then comes with its ids. It must be
// read or refused with an error of ours; two schemas that were read must compare, whatever they are.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <string>

#include "eventbus/avro/schema_difference.hpp"
#include "eventbus/event/error.hpp"
#include "eventbus/registry/answer.hpp"
#include "eventbus/registry/compatibility.hpp"
#include "eventbus/registry/framing.hpp"

namespace {

using eventbus::registry::HttpAnswer;

constexpr std::size_t most_bytes = std::size_t{1} << 16U;
constexpr const char* what = "about a subject";

void require(bool holds) {
    if (!holds) std::abort();
}

std::string schema_in(const std::string& body) {
    const HttpAnswer answer{eventbus::registry::success, body};
    const auto json = eventbus::registry::json_of(answer, what);
    return eventbus::registry::member<std::string>(json, "schema", answer, what);
}

void compare(const std::string& before, const std::string& after) {
    using eventbus::avro::SchemaDocument;
    const auto old_schema = SchemaDocument::parse(before);
    const auto new_schema = SchemaDocument::parse(after);
    static_cast<void>(eventbus::avro::differences(old_schema->root(), new_schema->root()));
    require(eventbus::avro::differences(new_schema->root(), new_schema->root()).empty());
    const std::vector<eventbus::SchemaVersion> versions{{1, before}};
    static_cast<void>(eventbus::incompatibilities(after, versions,
                                                  {.forward = true, .backward = true, .transitive = true}));
}

void frame(std::span<const std::byte> bytes) {
    try {
        const eventbus::Framed framed = eventbus::read_framed(bytes);
        std::vector<std::byte> again;
        eventbus::write_framed(again, framed.id, framed.body);
        require(again.size() == bytes.size());
    } catch (const eventbus::DecodeError&) {
        return;
    }
}

}  // namespace

// Two answers, with a line's end between them.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size > most_bytes) return 0;
    frame(std::as_bytes(std::span(data, size)));
    const std::string text(reinterpret_cast<const char*>(data), size);
    const std::size_t middle = text.find('\n');
    try {
        const std::string before = schema_in(text.substr(0, middle));
        if (middle != std::string::npos) compare(before, schema_in(text.substr(middle + 1)));
    } catch (const eventbus::Error&) {
        return 0;
    }
    return 0;
}
