#pragma once

#include <iosfwd>

namespace eventbus::bench {

/// The machine, the compiler and the libraries: what figures mean nothing without.
void print_environment(std::ostream& out);

}  // namespace eventbus::bench
