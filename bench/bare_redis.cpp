#include "bare_redis.hpp"

#include <hiredis/hiredis.h>

#include <stdexcept>

namespace eventbus::bench {

namespace {

struct FreeReply {
    void operator()(redisReply* reply) const noexcept { freeReplyObject(reply); }
};
using Reply = std::unique_ptr<redisReply, FreeReply>;

/// The words of a command, which must outlive it.
class Words {
  public:
    void add(std::string_view word) {
        data_.push_back(word.data());
        sizes_.push_back(word.size());
    }
    void append_to(redisContext& context) {
        redisAppendCommandArgv(&context, static_cast<int>(data_.size()), data_.data(), sizes_.data());
    }

  private:
    std::vector<const char*> data_;
    std::vector<std::size_t> sizes_;
};

Reply next_reply(redisContext& context) {
    void* reply = nullptr;
    if (redisGetReply(&context, &reply) != REDIS_OK) throw std::runtime_error(context.errstr);
    Reply owned(static_cast<redisReply*>(reply));
    if (owned->type == REDIS_REPLY_ERROR) throw std::runtime_error(owned->str);
    return owned;
}

}  // namespace

void BareRedis::Free::operator()(redisContext* context) const noexcept { redisFree(context); }

BareRedis::BareRedis(std::uint16_t port) : context_(redisConnect("127.0.0.1", port)) {
    if (context_ == nullptr || context_->err != 0) throw std::runtime_error("no connection to Redis");
}

void BareRedis::publish(const std::string& stream, const Fields& fields, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
        Words words;
        for (const std::string_view word :
             {std::string_view("XADD"), std::string_view(stream), std::string_view("MAXLEN"),
              std::string_view("~"), std::string_view("1000000"), std::string_view("*")})
            words.add(word);
        for (const auto& [name, value] : fields) {
            words.add(name);
            words.add(value);
        }
        words.append_to(*context_);
    }
    for (std::size_t i = 0; i < count; ++i) static_cast<void>(next_reply(*context_));
}

void BareRedis::make_group(const std::string& stream, const std::string& group) {
    Words words;
    for (const std::string_view word :
         {std::string_view("XGROUP"), std::string_view("CREATE"), std::string_view(stream),
          std::string_view(group), std::string_view("0"), std::string_view("MKSTREAM")})
        words.add(word);
    words.append_to(*context_);
    static_cast<void>(next_reply(*context_));
}

std::size_t BareRedis::consume(const std::string& stream, const std::string& group, std::size_t most) {
    Words read;
    const std::string count = std::to_string(most);
    for (const std::string_view word :
         {std::string_view("XREADGROUP"), std::string_view("GROUP"), std::string_view(group),
          std::string_view("bare"), std::string_view("COUNT"), std::string_view(count),
          std::string_view("BLOCK"), std::string_view("5000"), std::string_view("STREAMS"),
          std::string_view(stream), std::string_view(">")})
        read.add(word);
    read.append_to(*context_);
    const Reply reply = next_reply(*context_);
    if (reply->type != REDIS_REPLY_ARRAY) return 0;
    const redisReply& entries = *reply->element[0]->element[1];
    Words acknowledge;
    for (const std::string_view word :
         {std::string_view("XACK"), std::string_view(stream), std::string_view(group)})
        acknowledge.add(word);
    for (std::size_t i = 0; i < entries.elements; ++i) {
        const redisReply& id = *entries.element[i]->element[0];
        acknowledge.add({id.str, static_cast<std::size_t>(id.len)});
    }
    acknowledge.append_to(*context_);
    static_cast<void>(next_reply(*context_));
    return entries.elements;
}

BareRedis::Fields BareRedis::first_fields(const std::string& stream) {
    Words words;
    for (const std::string_view word :
         {std::string_view("XRANGE"), std::string_view(stream), std::string_view("-"), std::string_view("+"),
          std::string_view("COUNT"), std::string_view("1")})
        words.add(word);
    words.append_to(*context_);
    const Reply reply = next_reply(*context_);
    const redisReply& values = *reply->element[0]->element[1];
    const auto text = [&](std::size_t i) {
        return std::string(values.element[i]->str, static_cast<std::size_t>(values.element[i]->len));
    };
    Fields fields;
    for (std::size_t i = 0; i + 1 < values.elements; i += 2) fields.emplace_back(text(i), text(i + 1));
    return fields;
}

void BareRedis::flush() {
    Words words;
    words.add("FLUSHALL");
    words.append_to(*context_);
    static_cast<void>(next_reply(*context_));
}

}  // namespace eventbus::bench
