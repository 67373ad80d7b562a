#include "eventbus/bus/route.hpp"

#include <utility>

#include "eventbus/avro/json_view.hpp"

namespace eventbus {

Route::Route(const EventType& type, std::shared_ptr<const avro::SchemaDocument> schema, TopicName topic,
             std::string_view key_field)
    : type_(&type), schema_(std::move(schema)), topic_(std::move(topic)) {
    if (!key_field.empty()) key_ = std::make_shared<const avro::FieldPath>(schema_, key_field);
}

void Route::append_avro(std::vector<std::byte>& out, std::string_view json) const {
    avro::append_avro(out, schema_->root(), json);
}

std::optional<EventKey> Route::key(std::span<const std::byte> body, std::string& text) const {
    if (!key_) return std::nullopt;
    const auto value = key_->locate(body);
    if (!value) return std::nullopt;
    text.clear();
    key_->append_text(text, *value);
    return EventKey{text, *value, key_->value_schema_json()};
}

}  // namespace eventbus
