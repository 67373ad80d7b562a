#include "eventbus/avro/resolution.hpp"

#include <utility>

#include "eventbus/avro/limits.hpp"
#include "eventbus/avro/reader.hpp"
#include "eventbus/avro/resolution_plan.hpp"
#include "eventbus/avro/skip.hpp"
#include "eventbus/avro/writer.hpp"
#include "eventbus/event/error.hpp"

namespace eventbus::avro {
namespace {

using Node = ResolutionNode;

class Translator {
  public:
    explicit Translator(std::vector<std::byte>& out)
        : out_(out), writer_(out), end_(out.size() + max_output_bytes) {}

    void value(Reader& reader, const Node& node, std::size_t depth) {
        check_size(reader);
        if (node.is_identity) return copy(reader, *node.writer, depth);
        switch (node.action) {
            case Node::Action::copy:
                return copy(reader, *node.writer, depth);
            case Node::Action::integer_to_float:
                return writer_.write_float(static_cast<float>(integer(reader, *node.writer)));
            case Node::Action::integer_to_double:
                return writer_.write_double(static_cast<double>(integer(reader, *node.writer)));
            case Node::Action::float_to_double:
                return writer_.write_double(static_cast<double>(reader.read_float()));
            case Node::Action::bytes_to_string:
                return writer_.write_string(reader.read_string());
            case Node::Action::enumeration:
                return enumeration(reader, node);
            case Node::Action::array:
                return array(reader, node, depth + 1);
            case Node::Action::map:
                return map(reader, node, depth + 1);
            case Node::Action::record:
                return record(reader, node, depth + 1);
            case Node::Action::writer_union:
                return value(reader, *node.children[reader.read_branch(node.children.size())], depth);
            case Node::Action::reader_union:
                writer_.write_branch(node.branch);
                return value(reader, *node.children.front(), depth);
            case Node::Action::fail:
                fail(reader, node.reason);
        }
    }

  private:
    [[noreturn]] static void fail(const Reader& reader, const std::string& what) {
        throw DecodeError("Avro body, offset " + std::to_string(reader.offset()) + ": " + what);
    }

    void check_size(const Reader& reader) const {
        if (out_.size() > end_) fail(reader, "the value as the reader has it is too large");
    }

    void copy(Reader& reader, const Schema& schema, std::size_t depth) {
        const std::size_t start = reader.offset();
        skip(reader, schema, depth);
        writer_.write_raw(reader.since(start));
    }

    static std::int64_t integer(Reader& reader, const Schema& schema) {
        return schema.kind == Kind::int_ ? reader.read_int() : reader.read_long();
    }

    void enumeration(Reader& reader, const Node& node) {
        const std::size_t symbol = reader.read_symbol(node.indexes.size());
        const std::size_t index = node.indexes[symbol];
        if (index == Node::none) {
            fail(reader, without_symbol(*node.reader, node.writer->symbols[symbol]));
        }
        writer_.write_long(static_cast<std::int64_t>(index));
    }

    void array(Reader& reader, const Node& node, std::size_t depth) {
        check_depth(reader, depth);
        while (const std::size_t count = reader.read_block(node.writer->element->least_size)) {
            writer_.write_block(count);
            for (std::size_t i = 0; i < count; ++i) value(reader, *node.children.front(), depth);
        }
        writer_.write_block(0);
    }

    void map(Reader& reader, const Node& node, std::size_t depth) {
        check_depth(reader, depth);
        while (const std::size_t count = reader.read_block(node.writer->element->least_size + 1)) {
            writer_.write_block(count);
            for (std::size_t i = 0; i < count; ++i) {
                writer_.write_bytes(reader.read_bytes());
                value(reader, *node.children.front(), depth);
            }
        }
        writer_.write_block(0);
    }

    void record(Reader& reader, const Node& node, std::size_t depth) {
        check_depth(reader, depth);
        if (node.in_order) {
            fields_in_order(reader, node, depth);
        } else {
            fields_in_other_order(reader, node, depth);
        }
    }

    void fields_in_order(Reader& reader, const Node& node, std::size_t depth) {
        const auto& fields = node.writer->fields;
        std::size_t next = 0;
        for (std::size_t i = 0; i < node.children.size(); ++i) {
            if (node.indexes[i] == Node::none) {
                default_of(reader, node.reader->fields[i]);
                continue;
            }
            for (; next < node.indexes[i]; ++next) skip(reader, *fields[next].schema, depth);
            field(reader, *node.children[i], depth);
            ++next;
        }
        for (; next < fields.size(); ++next) skip(reader, *fields[next].schema, depth);
    }

    /// First finds where the writer's fields are, then takes them in the reader's order.
    void fields_in_other_order(Reader& reader, const Node& node, std::size_t depth) {
        std::vector<Reader> starts;
        starts.reserve(node.writer->fields.size());
        for (const Field& writer_field : node.writer->fields) {
            starts.push_back(reader);
            skip(reader, *writer_field.schema, depth);
        }
        for (std::size_t i = 0; i < node.children.size(); ++i) {
            if (node.indexes[i] == Node::none) {
                default_of(reader, node.reader->fields[i]);
            } else {
                Reader start = starts[node.indexes[i]];
                field(start, *node.children[i], depth);
            }
        }
    }

    void field(Reader& reader, const Node& node, std::size_t depth) {
        if (node.writer->least_size == 0) reader.count_empty_value();
        value(reader, node, depth);
    }

    void default_of(Reader& reader, const Field& field) {
        check_size(reader);
        // A default may take no bytes: then it costs only time, which is bounded like that of the writer's
        // empty values.
        if (field.default_avro.empty()) reader.count_empty_value();
        writer_.write_raw(field.default_avro);
    }

    std::vector<std::byte>& out_;
    Writer writer_;
    std::size_t end_;
};

std::string joined(const std::vector<std::string>& problems) {
    std::string text;
    for (const std::string& problem : problems) text.append("\n- ").append(problem);
    return text;
}

}  // namespace

struct Resolution::Plan {
    std::shared_ptr<const SchemaDocument> writer;
    std::shared_ptr<const SchemaDocument> reader;
    ResolutionPlan plan;
};

Resolution::Resolution(std::shared_ptr<const SchemaDocument> writer,
                       std::shared_ptr<const SchemaDocument> reader) {
    ResolutionPlan plan(writer->root(), reader->root());
    if (plan.root().action == Node::Action::fail) {
        throw DecodeError("data of the writer's schema cannot be read with the reader's:" +
                          joined(plan.problems()));
    }
    plan_ = std::unique_ptr<const Plan>(new Plan{std::move(writer), std::move(reader), std::move(plan)});
}

Resolution::~Resolution() = default;
Resolution::Resolution(Resolution&&) noexcept = default;
Resolution& Resolution::operator=(Resolution&&) noexcept = default;

bool Resolution::is_identity() const { return plan_->plan.root().is_identity; }

void Resolution::translate(std::span<const std::byte> bytes, std::vector<std::byte>& out) const {
    const std::size_t before = out.size();
    try {
        Reader reader(bytes);
        Translator(out).value(reader, plan_->plan.root(), 0);
        reader.expect_end();
    } catch (...) {
        out.resize(before);
        throw;
    }
}

std::vector<std::string> incompatibilities(const Schema& writer, const Schema& reader) {
    return ResolutionPlan(writer, reader).problems();
}

}  // namespace eventbus::avro
