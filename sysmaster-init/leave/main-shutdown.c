/* main-shutdown.c - sysmaster-shutdown, see shutdown.c; run by PID 1 with its order (work.h) */
#include <stdio.h>
#include "channel.ipc.h"
#include "common/ns.h"
#include "leave/shutdown.h"

int main(int argc, char **argv)
{
	struct order o;

	if (work_begin(&o, argc, argv) < 0) {
		fputs("sysmaster-shutdown: PID 1 runs this; `sctl poweroff` asks it to\n", stderr);
		return 2;
	}
	if (o.mode == IPC_INIT_MODE_MACHINE && !ns_is_first("pid"))     /* what belongs to the machine is not ours to undo */
		o.mode = IPC_INIT_MODE_CONTAINER;
	return shutdown_run(&o);
}
