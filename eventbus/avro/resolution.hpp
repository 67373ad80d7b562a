#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "eventbus/avro/schema.hpp"

namespace eventbus::avro {

/// Turns bytes written with one schema into the bytes that another schema's reader expects, by the rules of
/// Avro 1.11's "Schema Resolution": fields matched by name or alias, defaults for what the writer did not
/// have, promotions, unions, enums with a default symbol. Named types match by their names without
/// namespaces, or by an alias of the reader's. In a reader's union an exact match (same type, same full name)
/// is preferred to one by alias or promotion, as Avro's Java library does; fastavro takes the first that is
/// possible. Immutable after construction, thread-safe.
class Resolution {
  public:
    /// Throws DecodeError that lists what is incompatible, by path, when no value could be translated. What
    /// depends on the value (a branch of the writer's union, or a symbol, that the reader does not have) is
    /// an error of `translate`.
    Resolution(std::shared_ptr<const SchemaDocument> writer, std::shared_ptr<const SchemaDocument> reader);
    ~Resolution();
    Resolution(Resolution&&) noexcept;
    Resolution& operator=(Resolution&&) noexcept;

    /// True when both encode the same, so that nothing needs to be translated.
    [[nodiscard]] bool is_identity() const;
    /// Appends the translation of `bytes`. Parts that are the same in both schemas are copied as they are,
    /// text unchecked. Throws DecodeError, also for bytes that are left over; `out` is then as it was.
    void translate(std::span<const std::byte> bytes, std::vector<std::byte>& out) const;

  private:
    struct Plan;
    std::unique_ptr<const Plan> plan_;
};

/// Why data written with `writer` cannot always be read with `reader`, a sentence with a path each; empty
/// when it can.
[[nodiscard]] std::vector<std::string> incompatibilities(const Schema& writer, const Schema& reader);

}  // namespace eventbus::avro
