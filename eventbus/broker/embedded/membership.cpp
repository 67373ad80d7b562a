#include "eventbus/broker/embedded/membership.hpp"

#include <string_view>
#include <utility>

namespace eventbus::embedded {

Membership::Membership(Connection& connection, const std::string& database_path, std::string group,
                       std::string name, std::vector<std::string> topics)
    : connection_(connection),
      lock_(database_path),
      group_(std::move(group)),
      name_(std::move(name)),
      topics_(std::move(topics)) {}

void Membership::join() {
    connection_.prepare("INSERT INTO members(consumer_group, name) VALUES(?, ?)")
        .with(std::string_view(group_), std::string_view(name_))
        .run();
    id_ = connection_.last_row_id();
    lock_.hold(id_);
    Statement topic = connection_.prepare("INSERT OR IGNORE INTO member_topics(member, topic) VALUES(?, ?)");
    for (const std::string& name : topics_) topic.with(id_, std::string_view(name)).run();
}

void Membership::leave() {
    connection_.prepare("DELETE FROM member_topics WHERE member = ?").with(id_).run();
    connection_.prepare("DELETE FROM members WHERE id = ?").with(id_).run();
    connection_.prepare("UPDATE positions SET owner = 0 WHERE consumer_group = ? AND owner = ?")
        .with(std::string_view(group_), id_)
        .run();
}

std::vector<std::int64_t> Membership::living(const std::string& topic) {
    Statement statement = connection_.prepare(
        "SELECT m.id FROM members m JOIN member_topics t ON t.member = m.id "
        "WHERE m.consumer_group = ? AND t.topic = ? ORDER BY m.id");
    statement.with(std::string_view(group_), std::string_view(topic));
    std::vector<std::int64_t> members;
    while (statement.next())
        if (lives(statement.integer(0))) members.push_back(statement.integer(0));
    return members;
}

std::vector<std::int64_t> Membership::dead() {
    Statement statement = connection_.prepare("SELECT id FROM members WHERE consumer_group = ? ORDER BY id");
    statement.with(std::string_view(group_));
    std::vector<std::int64_t> members;
    while (statement.next())
        if (!lives(statement.integer(0))) members.push_back(statement.integer(0));
    return members;
}

void Membership::bury(std::int64_t member) {
    if (lives(member)) return;
    connection_.prepare("DELETE FROM member_topics WHERE member = ?").with(member).run();
    connection_.prepare("DELETE FROM members WHERE id = ?").with(member).run();
    connection_.prepare("UPDATE positions SET owner = 0 WHERE consumer_group = ? AND owner = ?")
        .with(std::string_view(group_), member)
        .run();
}

}  // namespace eventbus::embedded
