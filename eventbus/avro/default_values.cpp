#include "eventbus/avro/default_values.hpp"

#include <map>
#include <string>

#include "eventbus/avro/json_encoder.hpp"
#include "eventbus/avro/limits.hpp"
#include "eventbus/event/error.hpp"

namespace eventbus::avro {
namespace {

/// Defaults may lean on others: a record's default may leave out members that have one. Each is compiled
/// once, when first needed.
class DefaultCompiler {
  public:
    explicit DefaultCompiler(std::deque<Schema>& types) {
        for (Schema& schema : types) {
            for (Field& field : schema.fields) {
                if (field.default_json) entries_.emplace(&field, Entry{&field, &schema, State::fresh});
            }
        }
    }

    void compile_all() {
        for (auto& [field, entry] : entries_) compile(entry, 0);
    }

  private:
    enum class State { fresh, under_way, done };
    struct Entry {
        Field* field;
        const Schema* record;
        State state;
    };

    const std::vector<std::byte>& compile(Entry& entry, std::size_t depth) {
        Field& field = *entry.field;
        if (entry.state == State::under_way) fail(entry, "it needs itself");
        if (entry.state == State::done) return field.default_avro;
        entry.state = State::under_way;
        std::vector<std::byte> bytes;
        try {
            JsonEncoder encoder(
                bytes, JsonEncoder::Bytes::code_points,
                [this](const Field& missing, std::size_t at) -> std::span<const std::byte> {
                    return compile(entries_.at(&missing), at);
                },
                max_defaults_bytes - size_);
            encoder.encode(*field.schema, Json::parse(*field.default_json), depth);
        } catch (const InvalidValue& error) {
            fail(entry, error.what());
        }
        size_ += bytes.size();
        field.default_avro = std::move(bytes);
        entry.state = State::done;
        return field.default_avro;
    }

    [[noreturn]] static void fail(const Entry& entry, const std::string& what) {
        throw DecodeError("Avro schema: the default of the field \"" + entry.field->name + "\" of " +
                          entry.record->full_name + " is not of its type: " + what);
    }

    std::map<const Field*, Entry> entries_;
    std::size_t size_ = 0;
};

}  // namespace

void compile_defaults(std::deque<Schema>& types) { DefaultCompiler(types).compile_all(); }

}  // namespace eventbus::avro
