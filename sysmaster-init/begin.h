/*
 * begin.h - the first beginning of PID 1, and every later one: what sysmaster-setup finds out, and what a child cannot do for us
 *
 * The program runs as a child, with a deadline; what it answers lies in table->set. When it is missing, dies or hangs, twice, init goes
 * on with defaults: core starts, and where it cannot, the rescue shell opens.
 */
#pragma once
#include <stdbool.h>

/**
 * begin() - @args: of init, argv[0] included; fine twice
 * @anew:  this image was executed on purpose: init.conf is read again
 * @alone: init crashes too often: sysmaster-setup is not asked
 */
void begin(const char *const *args, bool anew, bool alone);
