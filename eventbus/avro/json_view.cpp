#include "eventbus/avro/json_view.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <utility>

#include "eventbus/avro/base64.hpp"
#include "eventbus/avro/json_encoder.hpp"
#include "eventbus/avro/limits.hpp"
#include "eventbus/avro/reader.hpp"
#include "eventbus/avro/skip.hpp"
#include "eventbus/event/error.hpp"

namespace eventbus::avro {
namespace {

constexpr std::array<bool, 256> needs_escape = [] {
    std::array<bool, 256> table{};
    for (std::size_t c = 0; c < 0x20; ++c) table[c] = true;
    table['"'] = table['\\'] = true;
    return table;
}();

void append_escape(std::string& out, char c) {
    static constexpr std::string_view hexadecimal = "0123456789abcdef";
    switch (c) {
        case '"':
            out += "\\\"";
            return;
        case '\\':
            out += "\\\\";
            return;
        case '\b':
            out += "\\b";
            return;
        case '\f':
            out += "\\f";
            return;
        case '\n':
            out += "\\n";
            return;
        case '\r':
            out += "\\r";
            return;
        case '\t':
            out += "\\t";
            return;
        default:
            out += "\\u00";
            out += hexadecimal[static_cast<unsigned char>(c) >> 4U];
            out += hexadecimal[static_cast<unsigned char>(c) & 0xFU];
    }
}

/// `text` is UTF-8.
void append_quoted(std::string& out, std::string_view text) {
    out += '"';
    std::size_t start = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (!needs_escape[static_cast<unsigned char>(text[i])]) continue;
        out.append(text, start, i - start);
        append_escape(out, text[i]);
        start = i + 1;
    }
    out.append(text, start);
    out += '"';
}

template <class Number>
std::string_view write_number(Number value, std::array<char, 32>& buffer) {
    const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value).ptr;
    return {buffer.data(), static_cast<std::size_t>(end - buffer.data())};
}

/// The shortest text that reads back as the same double; always with a point or an exponent, so that -0 keeps
/// its sign.
void append_real(std::string& out, double value) {
    if (std::isnan(value)) {
        out += "\"NaN\"";
    } else if (std::isinf(value)) {
        out += value < 0 ? "\"-Infinity\"" : "\"Infinity\"";
    } else {
        std::array<char, 32> buffer{};
        const std::string_view text = write_number(value, buffer);
        out += text;
        if (text.find_first_of(".e") == std::string_view::npos) out += ".0";
    }
}

class JsonWriter {
  public:
    JsonWriter(std::string& out, std::span<const std::byte> bytes)
        : out_(out), end_(out.size() + max_output_bytes), reader_(bytes) {}

    void write(const Schema& schema) {
        value(schema, 0);
        reader_.expect_end();
    }

  private:
    struct Entry {
        std::string_view key;
        /// Where the entry's text begins in `out_`.
        std::size_t begin;
    };

    void value(const Schema& schema, std::size_t depth) {
        switch (schema.kind) {
            case Kind::null:
                out_ += "null";
                return;
            case Kind::boolean:
                out_ += reader_.read_boolean() ? "true" : "false";
                return;
            case Kind::int_:
                return integer(reader_.read_int());
            case Kind::long_:
                return integer(reader_.read_long());
            case Kind::float_:
                return append_real(out_, static_cast<double>(reader_.read_float()));
            case Kind::double_:
                return append_real(out_, reader_.read_double());
            case Kind::bytes:
                return base64(reader_.read_bytes());
            case Kind::fixed:
                return base64(reader_.read_raw(schema.size));
            case Kind::string:
                return append_quoted(out_, reader_.read_string());
            case Kind::enumeration:
                return symbol(schema.symbols[reader_.read_symbol(schema.symbols.size())]);
            case Kind::union_:
                return value(*schema.branches[reader_.read_branch(schema.branches.size())], depth);
            case Kind::array:
                return array(*schema.element, depth + 1);
            case Kind::map:
                return map(*schema.element, depth + 1);
            case Kind::record:
                return record(schema, depth + 1);
        }
    }

    void integer(std::int64_t number) {
        std::array<char, 32> buffer{};
        out_ += write_number(number, buffer);
    }

    void base64(std::span<const std::byte> bytes) {
        out_ += '"';
        append_base64(out_, bytes);
        out_ += '"';
    }

    void symbol(const std::string& name) {
        out_ += '"';
        out_ += name;
        out_ += '"';
    }

    void array(const Schema& element, std::size_t depth) {
        check_depth(reader_, depth);
        out_ += '[';
        bool first = true;
        while (const std::size_t count = reader_.read_block(element.least_size)) {
            for (std::size_t i = 0; i < count; ++i) {
                if (!std::exchange(first, false)) out_ += ',';
                check_size();
                value(element, depth);
            }
        }
        out_ += ']';
    }

    void map(const Schema& element, std::size_t depth) {
        check_depth(reader_, depth);
        out_ += '{';
        std::vector<Entry> entries;
        while (const std::size_t count = reader_.read_block(element.least_size + 1)) {
            for (std::size_t i = 0; i < count; ++i) {
                if (!entries.empty()) out_ += ',';
                check_size();
                entries.push_back({reader_.read_string(), out_.size()});
                append_quoted(out_, entries.back().key);
                out_ += ':';
                value(element, depth);
            }
        }
        keep_last(entries);
        out_ += '}';
    }

    /// Takes the entries out whose key comes again: the last one counts.
    void keep_last(const std::vector<Entry>& entries) {
        const auto is_repeated_or_less = [](const Entry& a, const Entry& b) { return a.key >= b.key; };
        if (std::adjacent_find(entries.begin(), entries.end(), is_repeated_or_less) == entries.end()) return;
        const std::vector<bool> kept = last_of_each_key(entries);
        if (std::find(kept.begin(), kept.end(), false) == kept.end()) return;
        const std::string text = out_.substr(entries.front().begin);
        const std::size_t shift = entries.front().begin;
        out_.resize(shift);
        for (std::size_t i = 0; i < entries.size(); ++i) {
            if (!kept[i]) continue;
            const bool is_last = i + 1 == entries.size();
            const std::size_t end = (is_last ? text.size() : entries[i + 1].begin - shift - 1);
            if (out_.size() != shift) out_ += ',';
            out_.append(text, entries[i].begin - shift, end - (entries[i].begin - shift));
        }
    }

    static std::vector<bool> last_of_each_key(const std::vector<Entry>& entries) {
        std::vector<std::size_t> order(entries.size());
        for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
        std::sort(order.begin(), order.end(), [&entries](std::size_t a, std::size_t b) {
            return std::pair(entries[a].key, a) < std::pair(entries[b].key, b);
        });
        std::vector<bool> last(entries.size(), true);
        for (std::size_t i = 0; i + 1 < order.size(); ++i) {
            last[order[i]] = entries[order[i]].key != entries[order[i + 1]].key;
        }
        return last;
    }

    void record(const Schema& schema, std::size_t depth) {
        check_depth(reader_, depth);
        char separator = '{';
        for (const Field& field : schema.fields) {
            if (field.schema->least_size == 0) reader_.count_empty_value();
            check_size();
            out_ += separator;
            separator = ',';
            symbol(field.name);
            out_ += ':';
            value(*field.schema, depth);
        }
        if (separator == '{') out_ += '{';
        out_ += '}';
    }

    void check_size() const {
        if (out_.size() > end_) {
            throw DecodeError("Avro body: its JSON is larger than " + std::to_string(max_output_bytes) +
                              " bytes");
        }
    }

    std::string& out_;
    std::size_t end_;
    Reader reader_;
};

}  // namespace

void append_json(std::string& out, const Schema& schema, std::span<const std::byte> bytes) {
    const std::size_t before = out.size();
    try {
        JsonWriter(out, bytes).write(schema);
    } catch (...) {
        out.resize(before);
        throw;
    }
}

void append_avro(std::vector<std::byte>& out, const Schema& schema, std::string_view json) {
    const Json document = parse_json(json, "JSON", max_json_bytes);
    const std::size_t before = out.size();
    const auto default_of = [](const Field& field, std::size_t /*depth*/) {
        return std::span<const std::byte>(field.default_avro);
    };
    try {
        JsonEncoder(out, JsonEncoder::Bytes::base64, default_of, max_output_bytes).encode(schema, document);
    } catch (...) {
        out.resize(before);
        throw;
    }
}

}  // namespace eventbus::avro
