#include "eventbus/broker/embedded/headers_blob.hpp"

#include <cstdint>
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

std::string_view take(std::span<const std::byte>& blob) {
    const auto refuse = [] { throw DecodeError("the headers of a stored event are damaged"); };
    if (blob.size() < 4) refuse();
    std::size_t size = 0;
    for (std::size_t i = 0; i < 4; ++i) size |= static_cast<std::size_t>(blob[i]) << (8 * i);
    if (size > blob.size() - 4) refuse();
    const void* data = blob.data() + 4;
    const std::string_view text(static_cast<const char*>(data), size);
    blob = blob.subspan(4 + size);
    return text;
}

}  // namespace

std::vector<std::byte> pack(const Headers& headers) {
    std::size_t size = 0;
    for (const auto& [name, value] : headers) size += name.size() + value.size() + 8;
    std::vector<std::byte> blob;
    blob.reserve(size);
    for (const auto& [name, value] : headers) {
        append(blob, name);
        append(blob, value);
    }
    return blob;
}

Headers unpack(std::span<const std::byte> blob) {
    std::size_t texts = 0;
    for (auto rest = blob; !rest.empty(); ++texts) static_cast<void>(take(rest));
    Headers headers;
    headers.reserve(texts / 2);
    while (!blob.empty()) {
        const std::string_view name = take(blob);
        const std::string_view value = take(blob);
        headers.emplace_back(name, value);
    }
    return headers;
}

}  // namespace eventbus::embedded
