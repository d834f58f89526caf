/* main-shutdown.c - sysmaster-shutdown, see shutdown.c; run by PID 1 with its order (work.h) */
#include <stdio.h>
#include "leave/shutdown.h"

int main(int argc, char **argv)
{
	struct order o;

	if (work_begin(&o, argc, argv) < 0) {
		fputs("sysmaster-shutdown: PID 1 runs this; `sctl poweroff` asks it to\n", stderr);
		return 2;
	}
	return shutdown_run(&o);
}
