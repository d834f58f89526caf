/* event.c - see event.h */
#include "event.h"

void event_init(struct event *e, struct arena *a, struct device *dev, const char *action)
{
	*e = (struct event){ .arena = a, .dev = dev, .action = action, .host = &event_host_child, .proc = "/proc", .timeout_usec = 180 * USEC_PER_SEC,
			     .mode = -1, .uid = -1, .gid = -1, .watch = -1, .log_level = -1 };
	e->run_tail = &e->run;
}

bool event_is_remove(const struct event *e) { return streq(e->action, "remove"); }
