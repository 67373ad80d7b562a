#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "eventbus/avro/json_text.hpp"
#include "eventbus/avro/schema.hpp"
#include "eventbus/avro/writer.hpp"

namespace eventbus::avro {

/// Encodes a JSON document as a schema says: for people's JSON (`append_avro`) and for the defaults of a
/// schema.
class JsonEncoder {
  public:
    /// How bytes stand in JSON. Defaults have a character for each byte (U+0000 to U+00FF), and as schemas
    /// come from elsewhere, unknown members in them are passed over.
    enum class Bytes { base64, code_points };
    /// The encoded default of a field that has one, for a value at this depth.
    using DefaultOf = std::function<std::span<const std::byte>(const Field&, std::size_t depth)>;

    JsonEncoder(std::vector<std::byte>& out, Bytes bytes, DefaultOf default_of, std::size_t max_bytes)
        : out_(out),
          writer_(out),
          bytes_(bytes),
          default_of_(std::move(default_of)),
          end_(out.size() + max_bytes) {}

    /// `depth`: how deep the value lies already. Throws InvalidValue that begins with the path of what is
    /// wrong.
    void encode(const Schema& schema, const Json& json, std::size_t depth = 0);

  private:
    struct Path;

    void value(const Schema& schema, const Json& json, std::size_t depth, const Path& path);
    void integer(const Schema& schema, const Json& json, const Path& path);
    void number(const Schema& schema, const Json& json, const Path& path);
    void bytes(const Schema& schema, const Json& json, const Path& path);
    void enumeration(const Schema& schema, const Json& json, const Path& path);
    void array(const Schema& schema, const Json& json, std::size_t depth, const Path& path);
    void map(const Schema& schema, const Json& json, std::size_t depth, const Path& path);
    void record(const Schema& schema, const Json& json, std::size_t depth, const Path& path);
    void union_of(const Schema& schema, const Json& json, std::size_t depth, const Path& path);

    /// How well a value suits a branch of a union, by its outermost layer alone.
    enum class Fit { none, loose, exact };
    [[nodiscard]] Fit fit(const Schema& schema, const Json& json) const;
    [[nodiscard]] Fit fit_record(const Schema& schema, const Json& json) const;
    /// The bytes that a string stands for; false when it stands for none.
    bool decode_bytes(const std::string& text, std::vector<std::byte>& decoded) const;
    [[nodiscard]] std::string needed_for_bytes(const Schema& schema) const;

    std::vector<std::byte>& out_;
    Writer writer_;
    Bytes bytes_;
    DefaultOf default_of_;
    std::size_t end_;
};

}  // namespace eventbus::avro
