#include <gtest/gtest.h>

#include <cstdint>
#include <optional>
#include <string>

#include "eventbus/bus/bus.hpp"
#include "eventbus/bus/testing.hpp"
#include "eventbus/catalogue/learning.hpp"

namespace {

namespace learning = eventbus::learning;

// The code that a service would test: it greets whoever registers, and says so by an event.
void register_person(eventbus::Bus& bus, std::int64_t id, std::string username) {
    bus.send(learning::STUDENT_REGISTRATION_COMPLETED,
             {.user = {.id = id,
                       .is_active = true,
                       .pii = {.username = std::move(username), .email = "someone@example.org"}}});
}

TEST(RecordingExample, RegisteringSaysWhoItWas) {
    eventbus::Bus bus;
    const eventbus::EventRecorder recorder(bus, learning::STUDENT_REGISTRATION_COMPLETED);
    register_person(bus, 7, "ada");
    const auto events = recorder.events();
    ASSERT_EQ(events.size(), 1U);
    EXPECT_EQ(events[0].data.user.pii.username, "ada");
    EXPECT_EQ(events[0].metadata.event_type, "org.openedx.learning.student.registration.completed.v1");
    EXPECT_FALSE(events[0].from_bus);
}

TEST(RecordingExample, OnlyTheSignalsOfTheTestAreAlive) {
    eventbus::Bus bus;
    const eventbus::EventRecorder recorder(bus, learning::STUDENT_REGISTRATION_COMPLETED);
    {
        const eventbus::EventIsolation isolation(bus, learning::SESSION_LOGIN_COMPLETED);
        register_person(bus, 7, "ada");
        EXPECT_EQ(recorder.size(), 0U);
    }
    register_person(bus, 8, "grace");
    EXPECT_EQ(recorder.size(), 1U);
}

}  // namespace
