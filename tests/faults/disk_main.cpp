#include <gtest/gtest.h>

#include <cstdio>

#include "mounts.hpp"

int main(int count, char** arguments) {
    if (!eventbus::faults::enter_private_mounts())
        std::puts("no mounts of our own here: full disks are limits on the size of files");
    testing::InitGoogleTest(&count, arguments);
    return RUN_ALL_TESTS();
}
