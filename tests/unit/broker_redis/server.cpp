#include "server.hpp"

namespace eventbus::redis_streams {

servers::RedisServer& server() {
    // A kill loses nothing that was written, waited for or not.
    static servers::RedisServer one({.keeps_data = true, .arguments = {"--appendfsync", "no"}});
    return one;
}

OnServer::OnServer() : client_(server().port()), connection_(redis::parse_connection_url(server().url())) {
    ask({"FLUSHALL"});
}

void OnServer::add(int from, int to) {
    for (int id = from; id <= to; ++id)
        ask({"XADD", topic_.str(), std::to_string(id) + "-0", "number", std::to_string(id)});
}

std::vector<std::string> OnServer::read(int count, bool acknowledges) {
    const servers::RedisReply reply = ask({"XREADGROUP", "GROUP", group_.str(), "consumer", "COUNT",
                                           std::to_string(count), "STREAMS", topic_.str(), ">"});
    std::vector<std::string> ids;
    if (reply.is_nothing()) return ids;
    for (const servers::RedisReply& entry : reply[0][1].elements) {
        ids.push_back(entry[0].text);
        if (acknowledges) ask({"XACK", topic_.str(), group_.str(), entry[0].text});
    }
    return ids;
}

}  // namespace eventbus::redis_streams
