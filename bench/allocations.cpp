#include "allocations.hpp"

#include <cstdlib>
#include <new>

namespace eventbus::bench {

namespace {
thread_local std::uint64_t count = 0;
}

std::uint64_t allocations() { return count; }

}  // namespace eventbus::bench

void* operator new(std::size_t size) {
    ++eventbus::bench::count;
    if (void* memory = std::malloc(size)) return memory;
    throw std::bad_alloc();
}

void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t /*size*/) noexcept { std::free(memory); }
