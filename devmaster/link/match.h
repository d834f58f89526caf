/* match.h - which .link file is for an interface: [Match]; systemd.link(5) */
#pragma once
#include "event/event.h"
#include "file.h"

/* the interface as the kernel shows it */
struct link_state {
	struct event *e;
	char name[16];                  /* as it is */
	int ifindex;
	unsigned type, flags;           /* ARPHRD_..., IFF_... */
	struct hwaddr mac, permanent;
	char kind[32], driver[32];      /* "": none */
	char **alternative_names;
};

bool link_matches(const struct link_file *f, const struct link_state *s);
/** link_conditions() - those about the machine, not the interface. @root of /etc, @proc, @sysfs: seams */
bool link_conditions(const struct link_file *f, const struct event *e);
/** link_type_name() - DEVTYPE of the device or the ARPHRD_ name in lower case; NULL */
const char *link_type_name(const struct link_state *s);
