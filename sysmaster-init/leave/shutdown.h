/* shutdown.h - the whole order of a shutdown; apart from its main() so that a test can watch it with every dangerous call replaced */
#pragma once
#include "leave/work.h"

/** shutdown_run() - returns sysmaster-shutdown's exit status, unless the machine has ended */
int shutdown_run(const struct order *o);
