#include "eventbus/avro/writer.hpp"

#include "eventbus/event/error.hpp"

namespace eventbus::avro {

void Writer::fail_not_utf8() { throw InvalidValue("a string is not UTF-8; Avro strings must be"); }

}  // namespace eventbus::avro
