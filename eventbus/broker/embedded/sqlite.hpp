#pragma once

#include "eventbus/event/forks.hpp"
#include "eventbus/sqlite/database.hpp"

namespace eventbus::embedded {

using sqlite::Connection;
using sqlite::FileInUse;
using sqlite::Statement;
using sqlite::Sync;
using sqlite::Transaction;

}  // namespace eventbus::embedded
