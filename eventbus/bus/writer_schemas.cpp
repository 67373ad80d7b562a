#include "eventbus/bus/writer_schemas.hpp"

#include "eventbus/bus/signal_table.hpp"
#include "eventbus/event/error.hpp"

namespace eventbus {

namespace {

std::shared_ptr<const WriterSchema> prepare(const SignalState* signal,
                                            const std::shared_ptr<const std::string>& text) {
    auto schema = std::make_shared<WriterSchema>();
    schema->text = text;
    try {
        const bool is_ours = signal != nullptr && *text == signal->type.schema;
        schema->document = is_ours ? signal->schema() : avro::SchemaDocument::parse(*text);
        if (signal == nullptr || is_ours) return schema;
        avro::Resolution resolution(schema->document, signal->schema());
        if (!resolution.is_identity()) schema->resolution = std::move(resolution);
    } catch (const DecodeError& error) {
        schema->problem = (schema->document ? "the sender's schema does not fit ours: "
                                            : "the sender's schema cannot be used: ") +
                          std::string(error.what());
    }
    return schema;
}

}  // namespace

std::shared_ptr<const WriterSchema> WriterSchemas::find(SignalState* signal,
                                                        const std::shared_ptr<const std::string>& text) {
    if (signal != nullptr)
        if (auto recent = signal->recent_writer.find(text.get())) return recent;
    auto schema = cached({signal, *text});
    if (!schema) {
        schema = prepare(signal, text);
        if (text->size() > most_bytes) return schema;
        keep(signal, schema);
    }
    // Events with the same schema share one string: the next one is found at once.
    if (signal != nullptr) signal->recent_writer.remember(text, schema);
    return schema;
}

std::shared_ptr<const WriterSchema> WriterSchemas::cached(const Key& key) {
    const std::lock_guard lock(mutex_);
    const auto found = by_key_.find(key);
    if (found == by_key_.end()) return nullptr;
    used_.splice(used_.begin(), used_, found->second);
    return found->second->second;
}

void WriterSchemas::keep(const SignalState* signal, const std::shared_ptr<const WriterSchema>& schema) {
    const std::lock_guard lock(mutex_);
    const Key key{signal, *schema->text};
    if (by_key_.contains(key)) return;
    used_.emplace_front(key, schema);
    by_key_.emplace(key, used_.begin());
    bytes_ += schema->text->size();
    while (used_.size() > most_schemas || bytes_ > most_bytes) {
        bytes_ -= used_.back().second->text->size();
        by_key_.erase(used_.back().first);
        used_.pop_back();
    }
}

}  // namespace eventbus
