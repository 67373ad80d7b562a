#pragma once

#include "eventbus/sqlite/database.hpp"
#include "eventbus/sqlite/forks.hpp"

namespace eventbus::embedded {

using sqlite::ClosedByFork;
using sqlite::Connection;
using sqlite::FileInUse;
using sqlite::fork_generation;
using sqlite::NoFork;
using sqlite::Statement;
using sqlite::Sync;
using sqlite::Transaction;
using sqlite::Turn;

}  // namespace eventbus::embedded
