#pragma once

#include <stdexcept>
#include <string>

namespace eventbus {

/// The base of every exception that the library throws on purpose. Its text says what failed, where, and what
/// to do. Each derived class is one thing that a caller can do something about.
class Error : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

/// A value that cannot be what it should be: a key, a time, a UUID, a topic or group name, an event's member.
class InvalidValue : public Error {
  public:
    using Error::Error;
};

/// Bytes or text from outside that are not what they claim to be: Avro bodies, schemas, JSON.
class DecodeError : public Error {
  public:
    using Error::Error;
};

/// Settings that are missing, wrong or contradict each other.
class SettingsError : public Error {
  public:
    using Error::Error;
};

/// The store or server behind the bus failed. `retriable()` tells whether the same call may succeed later
/// without anyone changing anything.
class BrokerError : public Error {
  public:
    BrokerError(const std::string& what, bool retriable) : Error(what), retriable_(retriable) {}
    [[nodiscard]] bool retriable() const noexcept { return retriable_; }

  private:
    bool retriable_;
};

/// No room: a full disk, a quota, a maximum memory. Nothing was stored; sending again later may succeed.
class StorageFull : public BrokerError {
  public:
    explicit StorageFull(const std::string& what) : BrokerError(what, true) {}
};

/// A topic, group or position that does not exist.
class NotFound : public BrokerError {
  public:
    explicit NotFound(const std::string& what) : BrokerError(what, false) {}
};

/// Thrown by a handler: the consumer itself cannot go on. It ends and passes the error on; the event is
/// handed out again.
class ConsumerMustEnd : public Error {
  public:
    using Error::Error;
};

/// Thrown by a handler: this event will never succeed, do not try it again.
class Reject : public Error {
  public:
    using Error::Error;
};

}  // namespace eventbus
