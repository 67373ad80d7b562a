// Text as a schema, and what follows a zero byte in it as a body of that schema; the text as a JSON value
// too.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "eventbus/avro/field_path.hpp"
#include "eventbus/avro/json_view.hpp"
#include "eventbus/avro/resolution.hpp"
#include "eventbus/avro/schema.hpp"
#include "eventbus/event/error.hpp"

namespace {

using namespace eventbus::avro;

void require(bool holds) {
    if (!holds) std::abort();
}

template <class Call>
void attempt(Call call) {
    try {
        call();
    } catch (const eventbus::Error&) {
    }
}

void use(const std::shared_ptr<const SchemaDocument>& schema, std::span<const std::byte> body) {
    const Schema& root = schema->root();
    require(incompatibilities(root, root).empty());
    const Resolution same(schema, schema);
    require(same.is_identity());
    attempt([&] {
        std::string text;
        append_json(text, root, body);
        std::vector<std::byte> copied;
        same.translate(body, copied);
        require(std::equal(copied.begin(), copied.end(), body.begin(), body.end()));
        append_avro(copied, root, text);
    });
    if (root.kind != Kind::record) return;
    for (const Field& field : root.fields) {
        const FieldPath path(schema, field.name);
        // A key's schema stands by itself, and is that of the value.
        const auto excerpt = SchemaDocument::parse(path.value_schema_json());
        require(Resolution(excerpt, excerpt).is_identity());
        require(incompatibilities(path.value_schema(), excerpt->root()).empty());
        attempt([&] { static_cast<void>(path.locate(body)); });
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view input(reinterpret_cast<const char*>(data), size);
    const auto zero = std::min(input.find('\0'), input.size());
    const auto body = std::as_bytes(std::span(data, size)).subspan(std::min(zero + 1, size));
    static const auto value = SchemaDocument::parse(
        R"({"type": "map", "values": ["null", "boolean", "long", "double", "string", {"type": "array", "items": "float"}]})");
    attempt([&] {
        std::vector<std::byte> encoded;
        append_avro(encoded, value->root(), input);
    });
    attempt([&] { use(SchemaDocument::parse(input.substr(0, zero)), body); });
    return 0;
}
