#include "eventbus/avro/types.hpp"

#include <array>
#include <string_view>

#include "eventbus/event/error.hpp"

namespace eventbus::avro {
namespace {

void write_text(Writer& writer, Timestamp time) {
    std::array<char, 40> buffer{};
    writer.write_string(write_iso8601(time, buffer));
}

void write_text(Writer& writer, const Uuid& id) {
    std::array<char, 36> buffer{};
    writer.write_string(id.write(buffer));
}

template <class Key>
void write_text(Writer& writer, const Key& key) {
    writer.write_string(key.str());
}

template <class T>
T parse_text(std::string_view text) {
    return T::parse(text);
}

template <>
Timestamp parse_text<Timestamp>(std::string_view text) {
    return parse_iso8601(text);
}

}  // namespace

template <class T>
void TextCodec<T>::write(Writer& writer, const T& value) {
    write_text(writer, value);
}

template <class T>
T TextCodec<T>::read(Reader& reader) {
    const std::size_t at = reader.offset();
    const std::string_view text = reader.read_string();
    try {
        return parse_text<T>(text);
    } catch (const InvalidValue& error) {
        throw DecodeError("Avro body, offset " + std::to_string(at) + ": " + error.what());
    }
}

template struct TextCodec<Timestamp>;
template struct TextCodec<Uuid>;
template struct TextCodec<CourseKey>;
template struct TextCodec<UsageKey>;
template struct TextCodec<CcxLocator>;
template struct TextCodec<LibraryLocatorV2>;
template struct TextCodec<LibraryUsageLocatorV2>;
template struct TextCodec<LibraryCollectionLocator>;
template struct TextCodec<LibraryContainerLocator>;

}  // namespace eventbus::avro
