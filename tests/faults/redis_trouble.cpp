#include "redis_trouble.hpp"

#include <sstream>
#include <thread>

#include "tests/servers/redis_client.hpp"

namespace eventbus::faults {

void RedisTrouble::kill_and_restart(std::chrono::milliseconds away) {
    server_.kill();
    std::this_thread::sleep_for(away);
    server_.start();
}

void RedisTrouble::pause(std::chrono::milliseconds time) {
    server_.pause();
    std::this_thread::sleep_for(time);
    server_.resume();
}

void RedisTrouble::cut_connections(int of) {
    servers::RedisClient client(server_.port());
    const std::string own = client({"CLIENT", "ID"}).text;
    std::istringstream list(client({"CLIENT", "LIST"}).text);
    for (std::string line; std::getline(list, line);) {
        const std::string id = line.substr(3, line.find(' ') - 3);
        if (id != own && pick(1, of) == 1) client({"CLIENT", "KILL", "ID", id});
    }
}

void RedisTrouble::fill_memory(std::chrono::milliseconds time) {
    servers::RedisClient client(server_.port());
    client({"CONFIG", "SET", "maxmemory", "1"});
    std::this_thread::sleep_for(time);
    client({"CONFIG", "SET", "maxmemory", "0"});
}

void RedisTrouble::happen() {
    switch (pick(0, 3)) {
        case 0:
            return kill_and_restart(time(0, 400));
        case 1:
            return pause(time(10, 1'500));
        case 2:
            return cut_connections(pick(1, 3));
        default:
            return fill_memory(time(10, 500));
    }
}

}  // namespace eventbus::faults
