#include "eventbus/avro/json_text.hpp"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "eventbus/avro/limits.hpp"
#include "eventbus/event/error.hpp"

namespace eventbus::avro {
namespace {

/// The parser's own words, without what stands before them and without the text that was read.
std::string reason_of(std::string text) {
    if (const auto start = text.find(": "); start != std::string::npos) text.erase(0, start + 2);
    if (const auto start = text.find("; last read: "); start != std::string::npos) {
        const auto rest = text.rfind("; expected");
        text.erase(start, rest != std::string::npos && rest > start ? rest - start : std::string::npos);
    }
    return text;
}

/// Builds a document from the parser's events, and refuses what is too deep or there twice.
class DocumentBuilder final : public nlohmann::json_sax<Json> {
  public:
    DocumentBuilder(std::string_view text, std::string_view what) : text_(text), what_(what) {}

    Json take() { return std::move(root_); }

    bool null() override { return add(nullptr); }
    bool boolean(bool value) override { return add(value); }
    bool number_integer(number_integer_t value) override { return add(value); }
    bool number_unsigned(number_unsigned_t value) override { return add(value); }
    bool number_float(number_float_t value, const string_t& /*text*/) override { return add(value); }
    bool string(string_t& value) override { return add(std::move(value)); }
    bool binary(binary_t& value) override { return add(std::move(value)); }

    bool start_object(std::size_t /*size*/) override { return open(Json::object()); }
    bool end_object() override { return close(); }
    bool start_array(std::size_t /*size*/) override { return open(Json::array()); }
    bool end_array() override { return close(); }

    bool key(string_t& name) override {
        const auto [member, is_new] = open_.back()->get_ref<Json::object_t&>().try_emplace(name, nullptr);
        if (!is_new) throw DecodeError(what_ + ": the member \"" + name + "\" is there twice in one object");
        member_ = &member->second;
        return true;
    }

    bool parse_error(std::size_t position, const std::string& /*token*/,
                     const Json::exception& error) override {
        const auto before = text_.substr(0, position == 0 ? 0 : std::min(position - 1, text_.size()));
        const auto line = std::count(before.begin(), before.end(), '\n') + 1;
        const auto line_start = before.rfind('\n');
        const auto column = before.size() - (line_start == std::string_view::npos ? 0 : line_start + 1) + 1;
        throw DecodeError(what_ + ": line " + std::to_string(line) + ", column " + std::to_string(column) +
                          ": " + reason_of(error.what()));
    }

  private:
    template <class Value>
    bool add(Value&& value) {
        place(Json(std::forward<Value>(value)));
        return true;
    }

    bool open(Json container) {
        if (open_.size() == max_depth) {
            throw DecodeError(what_ + ": nested deeper than " + std::to_string(max_depth) + " levels");
        }
        open_.push_back(place(std::move(container)));
        return true;
    }

    bool close() {
        open_.pop_back();
        return true;
    }

    Json* place(Json value) {
        if (open_.empty()) {
            root_ = std::move(value);
            return &root_;
        }
        if (open_.back()->is_array()) {
            auto& items = open_.back()->get_ref<Json::array_t&>();
            items.push_back(std::move(value));
            return &items.back();
        }
        *member_ = std::move(value);
        return member_;
    }

    std::string_view text_;
    std::string what_;
    Json root_;
    std::vector<Json*> open_;
    Json* member_ = nullptr;
};

}  // namespace

Json parse_json(std::string_view text, std::string_view what, std::size_t max_bytes) {
    if (text.size() > max_bytes) {
        throw DecodeError(std::string(what) + ": " + std::to_string(text.size()) +
                          " bytes are more than the limit of " + std::to_string(max_bytes));
    }
    DocumentBuilder builder(text, what);
    Json::sax_parse(text, &builder);
    return builder.take();
}

}  // namespace eventbus::avro
