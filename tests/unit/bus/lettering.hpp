#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "eventbus/bus/dead_letter.hpp"
#include "fixture.hpp"

namespace eventbus::bus_test {

/// A test of what is in a dead-letter topic, once on each backend.
class LetteringTest : public BusTest, public ::testing::WithParamInterface<std::string> {
  protected:
    LetteringTest();

    /// An event of the topic `kettles`.
    [[nodiscard]] static ReceivedEvent event(std::uint64_t offset, std::optional<std::string> key);
    /// Stores a letter, and returns it as it can be read.
    ReceivedEvent store_letter(const ReceivedEvent& event, const std::string& handler = "mail");
    ReceivedEvent redrive(const ReceivedEvent& letter) {
        return publish(OutgoingDeadLetter::redrive(letter));
    }
    ReceivedEvent purge(const ReceivedEvent& letter) { return publish(OutgoingDeadLetter::purge(letter)); }

    /// The group acknowledges all that is stored.
    void acknowledge_all();
    /// What was given up is no longer there.
    void make_topic_anew();

    const TopicName topic_{"kettles.dead-letters.tea"};
    std::shared_ptr<Broker> broker_;

  private:
    ReceivedEvent publish(const OutgoingDeadLetter& record);

    TemporaryDirectory directory_;
    std::unique_ptr<Publisher> publisher_;
};

}  // namespace eventbus::bus_test
