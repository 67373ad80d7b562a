// Bytes as an Avro body of a schema that has every type and recursion: shown as JSON, translated to other
// versions, looked into for keys, and read by the codecs of C++ types.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "eventbus/avro/field_path.hpp"
#include "eventbus/avro/json_view.hpp"
#include "eventbus/avro/resolution.hpp"
#include "eventbus/avro/types.hpp"
#include "eventbus/event/error.hpp"

namespace {

using namespace eventbus::avro;
using Body = std::span<const std::byte>;

constexpr std::string_view writer_json = R"({"type": "record", "name": "Root", "namespace": "a", "fields": [
    {"name": "flag", "type": "boolean"}, {"name": "small", "type": "int"}, {"name": "large", "type": "long"},
    {"name": "ratio", "type": "float"}, {"name": "exact", "type": "double"},
    {"name": "raw", "type": "bytes"}, {"name": "text", "type": "string"},
    {"name": "kind", "type": {"type": "enum", "name": "Kind", "symbols": ["A", "B", "C"]}},
    {"name": "hash", "type": {"type": "fixed", "name": "Hash", "size": 3}},
    {"name": "nothing", "type": {"type": "array", "items": "null"}},
    {"name": "map", "type": {"type": "map", "values": {"type": "map", "values": ["null", "Root", "double"]}}},
    {"name": "list", "type": {"type": "array", "items": {"type": "record", "name": "Item", "fields": [
        {"name": "key", "type": "string"}, {"name": "next", "type": ["null", "Item"]}]}}},
    {"name": "any", "type": ["null", "boolean", "long", "string", {"type": "array", "items": "Root"}, "Item"]},
    {"name": "last", "type": ["null", "string"]}]})";

/// Other order, promotions, defaults, other symbols, another name.
constexpr std::string_view reader_json =
    R"({"type": "record", "name": "Top", "namespace": "b", "aliases": ["Root"], "fields": [
    {"name": "last", "type": "string"},
    {"name": "added", "type": {"type": "map", "values": "long"}, "default": {"x": 1}},
    {"name": "any", "type": ["string", "double", {"type": "array", "items": "Top"}, "null", {"type": "record", "name": "Item", "fields": [
        {"name": "next", "type": ["Item", "null"]}, {"name": "mark", "type": ["null", "int"], "default": null}]}]},
    {"name": "text", "type": "bytes"}, {"name": "raw", "type": "string"},
    {"name": "small", "type": "double"}, {"name": "big", "aliases": ["large"], "type": "float"},
    {"name": "kind", "type": {"type": "enum", "name": "Kind", "symbols": ["C", "B"], "default": "C"}},
    {"name": "list", "type": {"type": "array", "items": "Item"}},
    {"name": "nothing", "type": {"type": "array", "items": ["long", "null"]}},
    {"name": "map", "type": {"type": "map", "values": {"type": "map", "values": ["Top", "null", "double"]}}}]})";

struct Fixture {
    std::shared_ptr<const SchemaDocument> writer = SchemaDocument::parse(writer_json);
    std::shared_ptr<const SchemaDocument> reader = SchemaDocument::parse(reader_json);
    Resolution newer{writer, reader};
    Resolution same{writer, writer};
    FieldPath hash{writer, "hash"};
    FieldPath last{writer, "last"};
};

void require(bool holds) {
    if (!holds) std::abort();
}

template <class Call>
bool succeeds(Call call) {
    try {
        call();
        return true;
    } catch (const eventbus::Error&) {
        return false;
    }
}

template <class T>
void read_as(Body body) {
    succeeds([body] {
        Reader reader(body);
        static_cast<void>(read<T>(reader));
    });
}

void read_with_codecs(Body body) {
    read_as<std::vector<std::map<std::string, std::optional<std::string>>>>(body);
    read_as<std::map<std::string, std::vector<double>>>(body);
    read_as<std::vector<std::optional<eventbus::Timestamp>>>(body);
    read_as<std::vector<eventbus::Uuid>>(body);
    read_as<std::vector<eventbus::CourseKey>>(body);
    read_as<std::vector<eventbus::UsageKey>>(body);
}

void check(const Fixture& fixture, Body body) {
    std::string text;
    const bool is_shown = succeeds([&] { append_json(text, fixture.writer->root(), body); });
    std::vector<std::byte> translated;
    const bool is_translated = succeeds([&] { fixture.newer.translate(body, translated); });
    std::vector<std::byte> copied;
    const bool is_copied = succeeds([&] { fixture.same.translate(body, copied); });
    for (const FieldPath* path : {&fixture.hash, &fixture.last}) {
        succeeds([&] {
            std::string key;
            if (const auto found = path->locate(body)) path->append_text(key, *found);
        });
    }
    // What is shown in full is sound, so that every other view of it must be possible.
    if (is_shown) {
        require(is_copied && copied.size() == body.size());
        std::vector<std::byte> again;
        append_avro(again, fixture.writer->root(), text);
        std::string text_again;
        append_json(text_again, fixture.writer->root(), again);
        std::string newer;
        if (is_translated) append_json(newer, fixture.reader->root(), translated);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const Fixture fixture;
    const Body body = std::as_bytes(std::span(data, size));
    check(fixture, body);
    read_with_codecs(body);
    return 0;
}
