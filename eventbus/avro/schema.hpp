#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace eventbus::avro {

enum class Kind {
    null,
    boolean,
    int_,
    long_,
    float_,
    double_,
    bytes,
    string,
    record,
    enumeration,
    array,
    map,
    union_,
    fixed
};

/// The name of a kind in a schema's JSON: `null`, `int`, `record`, `enum`, ...; `union` for a union.
[[nodiscard]] std::string_view to_string(Kind kind);

class Schema;

/// A field of a record.
struct Field {
    std::string name;
    std::vector<std::string> aliases;
    const Schema* schema = nullptr;
    /// The default as JSON text; nothing when the field has none.
    std::optional<std::string> default_json;
    /// The default in Avro's encoding; empty when the field has none.
    std::vector<std::byte> default_avro;
    std::string doc;
};

/// A type in a parsed schema. Immutable. Named types that are used again are the same object, so recursive
/// types are cycles. Owned by its SchemaDocument.
class Schema {
  public:
    Kind kind = Kind::null;
    /// Full name (`namespace.Name`) of records, enums and fixed.
    std::string full_name;
    /// Full names.
    std::vector<std::string> aliases;
    std::string doc;
    /// `timestamp-micros`, `uuid`, ...; empty when there is none. Values are encoded as the base type.
    std::string logical_type;
    std::vector<Field> fields;                  // record
    std::vector<std::string> symbols;           // enumeration
    std::optional<std::string> default_symbol;  // enumeration
    const Schema* element = nullptr;            // array items, map values
    std::vector<const Schema*> branches;        // union_
    std::size_t size = 0;                       // fixed
    /// Fewest bytes that a value can take. 0 means that all values take no bytes: null, records of nothing
    /// else.
    std::size_t least_size = 0;

    /// The name of a named type, the kind's name of another.
    [[nodiscard]] std::string_view name() const { return full_name.empty() ? to_string(kind) : full_name; }
};

/// A schema as a whole: parsed from JSON, checked, immutable, shared. Thread-safe.
class SchemaDocument {
  public:
    /// Parses and checks a schema from outside: at most 1 MiB of JSON, 128 levels deep, 10,000 types, names
    /// of at most 1,024 bytes; names by Avro's rules, except that a namespace may hold a hyphen (one Open edX
    /// event type has one; see has_legal_names). Defaults must be of the field's type; that of a union may be
    /// of any branch, as fastavro and Avro 1.12 have it. A type without a finite value (a record that always
    /// holds itself), an empty union and a member that is there twice are refused. Unknown attributes and
    /// logical types are ignored. Throws DecodeError that says what is wrong and where (`fields[2].type`).
    [[nodiscard]] static std::shared_ptr<const SchemaDocument> parse(std::string_view json);

    [[nodiscard]] const Schema& root() const;
    /// The JSON that it was parsed from.
    [[nodiscard]] const std::string& json() const;
    /// False when a name breaks Avro's rules, so that a strict registry refuses the schema; `illegal` gets
    /// the name.
    [[nodiscard]] bool has_legal_names(std::string* illegal = nullptr) const;

    ~SchemaDocument();

  private:
    struct Content;
    explicit SchemaDocument(std::unique_ptr<Content> content);
    std::unique_ptr<Content> content_;
};

}  // namespace eventbus::avro
