#pragma once

#include "eventbus/avro/reader.hpp"
#include "eventbus/avro/writer.hpp"

namespace eventbus::avro {

/// How a C++ type is written to and read from Avro: specialised for the scalar types, strings, bytes, times,
/// UUIDs and keys in `types.hpp`, for vectors, maps and optionals in terms of their element, and for each
/// record by generated code.
///     static void write(Writer&, const T&);
///     static T read(Reader&);
///     static constexpr std::size_t least_size;   // fewest bytes that a value can take
template <class T>
struct Codec;

template <class T>
void write(Writer& writer, const T& value) {
    Codec<T>::write(writer, value);
}

template <class T>
[[nodiscard]] T read(Reader& reader) {
    return Codec<T>::read(reader);
}

}  // namespace eventbus::avro
