#pragma once

#include <string>
#include <string_view>

#include "model.hpp"

namespace eventbus::generator {

/// The C++ type of a field: `std::optional<std::string>`, `std::vector<UserData>`.
[[nodiscard]] std::string cpp_type(const Field& field);
[[nodiscard]] std::string cpp_type(const Type& type);

/// The same with the namespace before records' names, for use outside of it.
[[nodiscard]] std::string qualified_cpp_type(const Field& field, const std::string& cpp_namespace);

/// Whether a name is a word of C++ or a macro of its standard headers, or hides what generated code uses.
[[nodiscard]] bool is_cpp_word(std::string_view name);

/// The field's name, with an underscore behind it where it is a word of C++.
[[nodiscard]] std::string cpp_name(const std::string& name);

/// `STUDENT_REGISTRATION_COMPLETED` → `StudentRegistrationCompleted`
[[nodiscard]] std::string data_struct_name(std::string_view constant);

/// `STUDENT_REGISTRATION_COMPLETED` → `student_registration_completed`
[[nodiscard]] std::string lower_case(std::string_view constant);

/// A text as a C++ string literal, in quotes.
[[nodiscard]] std::string literal(std::string_view text);

/// The member initialiser of a field, with the blank and the equals sign; empty for a required field.
[[nodiscard]] std::string initialiser(const Field& field);

}  // namespace eventbus::generator
