/* run.h - run programs side by side or one after the other, with one time-out for all */
#pragma once
#include "generators/plan.h"

/** run_all() - those that are not skipped, side by side, with @words as their arguments. The number that failed or were killed at @deadline_usec (CLOCK_BOOTTIME) */
unsigned run_all(const struct plan *p, char *const *words, uint64_t deadline_usec);
/**
 * run_environment() - one after the other; what each prints is in the environment of the next, and of this process
 * @env: assignments in the order they were made, the last one of a name counts; freed by the caller
 * Return: as run_all(); -ENOMEM.
 */
int run_environment(const struct plan *p, uint64_t deadline_usec, char ***env);
