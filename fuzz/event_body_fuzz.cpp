// Bytes as the body of an event of the catalogue, which the first byte chooses: read by the generated codec,
// and by the JSON view. What the struct takes, the view must take too, and writing and reading it again must
// change nothing.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "eventbus/avro/json_view.hpp"
#include "eventbus/avro/schema.hpp"
#include "eventbus/catalogue/analytics.hpp"
#include "eventbus/catalogue/authz.hpp"
#include "eventbus/catalogue/content_authoring.hpp"
#include "eventbus/catalogue/enterprise.hpp"
#include "eventbus/catalogue/learning.hpp"
#include "eventbus/event/error.hpp"

namespace {

using Body = std::span<const std::byte>;
using Bytes = std::vector<std::byte>;

void require(bool holds) {
    if (!holds) std::abort();
}

std::string shown(const eventbus::avro::SchemaDocument& schema, Body body) {
    std::string text;
    eventbus::avro::append_json(text, schema.root(), body);
    return text;
}

template <class Data>
void check(const eventbus::Signal<Data>& signal, const eventbus::avro::SchemaDocument& schema, Body body) {
    Bytes written;
    try {
        signal.encode(signal.decode(body), written);
    } catch (const eventbus::DecodeError&) {
        return;
    }
    Bytes again;
    signal.encode(signal.decode(written), again);
    require(again == written);
    Bytes from_json;
    eventbus::avro::append_avro(from_json, schema.root(), shown(schema, body));
    Bytes through_json;
    signal.encode(signal.decode(from_json), through_json);
    // Not the bytes: the view has one NaN for all of them.
    require(shown(schema, through_json) == shown(schema, written));
}

std::vector<std::function<void(Body)>> checks() {
    std::vector<std::function<void(Body)>> all;
    const auto add = [&](const auto& signal) {
        all.emplace_back([signal, schema = eventbus::avro::SchemaDocument::parse(signal.type().schema)](
                             Body body) { check(signal, *schema, body); });
    };
    eventbus::analytics::visit_signals(add);
    eventbus::authz::visit_signals(add);
    eventbus::content_authoring::visit_signals(add);
    eventbus::enterprise::visit_signals(add);
    eventbus::learning::visit_signals(add);
    return all;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const auto all = checks();
    if (size > 0) all[data[0] % all.size()](std::as_bytes(std::span(data, size)).subspan(1));
    return 0;
}
