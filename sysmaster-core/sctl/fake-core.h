/*
 * fake-core.h - a core for tests: the real server library, a handful of units whose fate their names tell
 *
 * Units: see fake-core.c. A job for "fail.service" fails, for "slow.service" ends after 150 ms, for "crash.service" core goes
 * away for 150 ms and comes back with the job done; "denied.service" and "gone.service" are refused.
 */
#pragma once
#include <sys/types.h>

/** fake_core_start() - serve in a child process below @dir (core.sock, core-events.sock, init.sock). Its pid, or negative errno */
pid_t fake_core_start(const char *dir);
void fake_core_stop(pid_t pid);
