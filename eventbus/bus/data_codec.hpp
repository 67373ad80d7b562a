#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <typeindex>
#include <vector>

#include "eventbus/avro/codec.hpp"

namespace eventbus {

/// How the data of a signal is written and read, with its C++ type forgotten: what lets the bus be compiled
/// once for all events. Immutable.
struct DataCodec {
    std::type_index type;
    /// Appends the data that `data` points to in Avro's binary encoding. Throws InvalidValue.
    void (*encode)(const void* data, std::vector<std::byte>& out);
    /// Reads data from `bytes` and calls `use` with a pointer to it. Throws DecodeError or InvalidValue
    /// before the call, and what `use` throws.
    void (*decode)(std::span<const std::byte> bytes, const std::function<void(const void*)>& use);
    /// The same, for data that is kept. Throws DecodeError or InvalidValue.
    std::shared_ptr<const void> (*decode_kept)(std::span<const std::byte> bytes);
};

template <class Data>
[[nodiscard]] const DataCodec& data_codec() {
    static const DataCodec codec{
        typeid(Data),
        [](const void* data, std::vector<std::byte>& out) {
            avro::Writer writer(out);
            avro::write(writer, *static_cast<const Data*>(data));
        },
        [](std::span<const std::byte> bytes, const std::function<void(const void*)>& use) {
            avro::Reader reader(bytes);
            const Data data = avro::read<Data>(reader);
            reader.expect_end();
            use(&data);
        },
        [](std::span<const std::byte> bytes) -> std::shared_ptr<const void> {
            avro::Reader reader(bytes);
            auto data = std::make_shared<const Data>(avro::read<Data>(reader));
            reader.expect_end();
            return data;
        },
    };
    return codec;
}

}  // namespace eventbus
