#include "eventbus/registry/framing.hpp"

#include <array>
#include <string>

#include "eventbus/event/error.hpp"

namespace eventbus {

namespace {

constexpr unsigned bits_of_a_byte = 8;
constexpr std::size_t bytes_of_an_id = 4;

}  // namespace

void write_framed(std::vector<std::byte>& out, SchemaId id, std::span<const std::byte> body) {
    const auto number = static_cast<std::uint32_t>(id.value);
    std::array<std::byte, frame_size> frame{};
    for (std::size_t i = 0; i < bytes_of_an_id; ++i)
        frame.at(1 + i) = static_cast<std::byte>(number >> (bits_of_a_byte * (bytes_of_an_id - 1 - i)));
    out.assign(frame.begin(), frame.end());
    out.insert(out.end(), body.begin(), body.end());
}

Framed read_framed(std::span<const std::byte> bytes) {
    if (bytes.size() < frame_size)
        throw DecodeError("it has " + std::to_string(bytes.size()) +
                          " bytes, too few for the frame with the schema's id (5 bytes) that a sender with a "
                          "schema registry writes before the data");
    if (bytes.front() != std::byte{0})
        throw DecodeError("it begins with the byte " + std::to_string(std::to_integer<int>(bytes.front())) +
                          " and not with 0: it was not framed by a sender with a schema registry");
    std::uint32_t number = 0;
    for (std::size_t i = 1; i < frame_size; ++i)
        number = (number << bits_of_a_byte) | std::to_integer<std::uint32_t>(bytes[i]);
    return {SchemaId{static_cast<std::int32_t>(number)}, bytes.subspan(frame_size)};
}

}  // namespace eventbus
