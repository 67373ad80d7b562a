#include "eventbus/broker/embedded/headers_blob.hpp"

#include <cstdint>
#include <cstring>
#include <string_view>

#include "eventbus/event/error.hpp"

namespace eventbus::embedded {

namespace {

void append(std::vector<std::byte>& out, std::string_view text) {
    for (int shift = 0; shift < 32; shift += 8)
        out.push_back(static_cast<std::byte>(text.size() >> shift & 0xff));
    const auto* data = std::as_bytes(std::span(text)).data();
    out.insert(out.end(), data, data + text.size());
}

std::string take(std::span<const std::byte>& blob) {
    const auto refuse = [] { throw DecodeError("the headers of a stored event are damaged"); };
    if (blob.size() < 4) refuse();
    std::size_t size = 0;
    for (std::size_t i = 0; i < 4; ++i) size |= static_cast<std::size_t>(blob[i]) << (8 * i);
    if (size > blob.size() - 4) refuse();
    std::string text(size, '\0');
    std::memcpy(text.data(), blob.data() + 4, size);
    blob = blob.subspan(4 + size);
    return text;
}

}  // namespace

std::vector<std::byte> pack(const Headers& headers) {
    std::vector<std::byte> blob;
    for (const auto& [name, value] : headers) {
        append(blob, name);
        append(blob, value);
    }
    return blob;
}

Headers unpack(std::span<const std::byte> blob) {
    Headers headers;
    while (!blob.empty()) {
        std::string name = take(blob);
        std::string value = take(blob);
        headers.emplace_back(std::move(name), std::move(value));
    }
    return headers;
}

}  // namespace eventbus::embedded
