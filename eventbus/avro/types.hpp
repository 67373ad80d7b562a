#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "eventbus/avro/codec.hpp"
#include "eventbus/event/keys.hpp"
#include "eventbus/event/timestamp.hpp"
#include "eventbus/event/uuid.hpp"

namespace eventbus::avro {

template <>
struct Codec<bool> {
    static constexpr std::size_t least_size = 1;
    static void write(Writer& writer, bool value) { writer.write_boolean(value); }
    static bool read(Reader& reader) { return reader.read_boolean(); }
};

/// long
template <>
struct Codec<std::int64_t> {
    static constexpr std::size_t least_size = 1;
    static void write(Writer& writer, std::int64_t value) { writer.write_long(value); }
    static std::int64_t read(Reader& reader) { return reader.read_long(); }
};

/// int
template <>
struct Codec<std::int32_t> {
    static constexpr std::size_t least_size = 1;
    static void write(Writer& writer, std::int32_t value) { writer.write_long(value); }
    static std::int32_t read(Reader& reader) { return reader.read_int(); }
};

template <>
struct Codec<float> {
    static constexpr std::size_t least_size = sizeof(float);
    static void write(Writer& writer, float value) { writer.write_float(value); }
    static float read(Reader& reader) { return reader.read_float(); }
};

template <>
struct Codec<double> {
    static constexpr std::size_t least_size = sizeof(double);
    static void write(Writer& writer, double value) { writer.write_double(value); }
    static double read(Reader& reader) { return reader.read_double(); }
};

template <>
struct Codec<std::string> {
    static constexpr std::size_t least_size = 1;
    static void write(Writer& writer, const std::string& value) { writer.write_string(value); }
    static std::string read(Reader& reader) { return std::string(reader.read_string()); }
};

/// bytes
template <>
struct Codec<std::vector<std::byte>> {
    static constexpr std::size_t least_size = 1;
    static void write(Writer& writer, const std::vector<std::byte>& value) { writer.write_bytes(value); }
    static std::vector<std::byte> read(Reader& reader) {
        const auto bytes = reader.read_bytes();
        return {bytes.begin(), bytes.end()};
    }
};

/// What Avro has no type for and Open edX writes as a string: times (ISO 8601), UUIDs and keys. Text that is
/// none is a DecodeError with the text of the InvalidValue and the offset.
template <class T>
struct TextCodec {
    static constexpr std::size_t least_size = 1;
    static void write(Writer& writer, const T& value);
    static T read(Reader& reader);
};

template <>
struct Codec<Timestamp> : TextCodec<Timestamp> {};
template <>
struct Codec<Uuid> : TextCodec<Uuid> {};
template <>
struct Codec<CourseKey> : TextCodec<CourseKey> {};
template <>
struct Codec<UsageKey> : TextCodec<UsageKey> {};
template <>
struct Codec<CcxLocator> : TextCodec<CcxLocator> {};
template <>
struct Codec<LibraryLocatorV2> : TextCodec<LibraryLocatorV2> {};
template <>
struct Codec<LibraryUsageLocatorV2> : TextCodec<LibraryUsageLocatorV2> {};
template <>
struct Codec<LibraryCollectionLocator> : TextCodec<LibraryCollectionLocator> {};
template <>
struct Codec<LibraryContainerLocator> : TextCodec<LibraryContainerLocator> {};

extern template struct TextCodec<Timestamp>;
extern template struct TextCodec<Uuid>;
extern template struct TextCodec<CourseKey>;
extern template struct TextCodec<UsageKey>;
extern template struct TextCodec<CcxLocator>;
extern template struct TextCodec<LibraryLocatorV2>;
extern template struct TextCodec<LibraryUsageLocatorV2>;
extern template struct TextCodec<LibraryCollectionLocator>;
extern template struct TextCodec<LibraryContainerLocator>;

/// array: one block, as fastavro writes it; any number of blocks is read.
template <class T>
struct Codec<std::vector<T>> {
    static constexpr std::size_t least_size = 1;

    static void write(Writer& writer, const std::vector<T>& items) {
        if (!items.empty()) {
            writer.write_block(items.size());
            for (const T& item : items) Codec<T>::write(writer, item);
        }
        writer.write_block(0);
    }

    static std::vector<T> read(Reader& reader) {
        // An item may take more memory than bytes, so that no more than this is reserved before items were
        // seen.
        constexpr std::size_t most_reserved = 256;
        std::vector<T> items;
        while (const std::size_t count = reader.read_block(Codec<T>::least_size)) {
            if (items.empty()) items.reserve(std::min(count, most_reserved));
            for (std::size_t i = 0; i < count; ++i) items.push_back(Codec<T>::read(reader));
        }
        return items;
    }
};

/// map: one block in the order of the keys, as Open edX writes it. Of entries with the same key the last is
/// kept.
template <class T>
struct Codec<std::map<std::string, T>> {
    static constexpr std::size_t least_size = 1;

    static void write(Writer& writer, const std::map<std::string, T>& entries) {
        if (!entries.empty()) {
            writer.write_block(entries.size());
            for (const auto& [key, value] : entries) {
                writer.write_string(key);
                Codec<T>::write(writer, value);
            }
        }
        writer.write_block(0);
    }

    static std::map<std::string, T> read(Reader& reader) {
        std::map<std::string, T> entries;
        while (const std::size_t count = reader.read_block(1 + Codec<T>::least_size)) {
            for (std::size_t i = 0; i < count; ++i) {
                std::string key(reader.read_string());
                entries.insert_or_assign(entries.end(), std::move(key), Codec<T>::read(reader));
            }
        }
        return entries;
    }
};

/// Union of null, which comes first, and T.
template <class T>
struct Codec<std::optional<T>> {
    static constexpr std::size_t least_size = 1;

    static void write(Writer& writer, const std::optional<T>& value) {
        writer.write_branch(value ? 1 : 0);
        if (value) Codec<T>::write(writer, *value);
    }

    static std::optional<T> read(Reader& reader) {
        if (reader.read_branch(2) == 0) return std::nullopt;
        return Codec<T>::read(reader);
    }
};

}  // namespace eventbus::avro
