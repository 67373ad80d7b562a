#include "eventbus/avro/schema.hpp"

#include <array>
#include <utility>

#include "eventbus/avro/limits.hpp"
#include "eventbus/avro/schema_parser.hpp"

namespace eventbus::avro {

std::string_view to_string(Kind kind) {
    static constexpr std::array<std::string_view, 14> names{"null",   "boolean", "int",    "long",   "float",
                                                            "double", "bytes",   "string", "record", "enum",
                                                            "array",  "map",     "union",  "fixed"};
    return names.at(static_cast<std::size_t>(kind));
}

struct SchemaDocument::Content {
    std::string json;
    ParsedSchema parsed;
};

SchemaDocument::SchemaDocument(std::unique_ptr<Content> content) : content_(std::move(content)) {}
SchemaDocument::~SchemaDocument() = default;

std::shared_ptr<const SchemaDocument> SchemaDocument::parse(std::string_view json) {
    auto content = std::make_unique<Content>();
    content->parsed = parse_schema(parse_json(json, "Avro schema", max_schema_bytes));
    content->json = json;
    return std::shared_ptr<const SchemaDocument>(new SchemaDocument(std::move(content)));
}

const Schema& SchemaDocument::root() const { return *content_->parsed.root; }

const std::string& SchemaDocument::json() const { return content_->json; }

bool SchemaDocument::has_legal_names(std::string* illegal) const {
    const auto& name = content_->parsed.illegal_name;
    if (name && illegal != nullptr) *illegal = *name;
    return !name;
}

}  // namespace eventbus::avro
