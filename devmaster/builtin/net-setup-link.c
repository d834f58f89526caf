/*
 * net-setup-link.c - settings of the first .link file that matches; ID_NET_NAME is what a rule then makes its name
 *
 * Files are read once a process and again when a folder changed. What e->dry forbids is only left out: the names are said all the same.
 */
#include <stdio.h>
#include "builtins.h"
#include "link/apply.h"
#include "link/ethtool-set.h"
#include "link/ethtool.h"
#include "link/netlink.h"
#include "link/set.h"
#include "net-scheme.h"
#include "tool.h"

#define LOOK_AGAIN_USEC (3 * USEC_PER_SEC)

static struct { struct link_set set; bool have; uint64_t looked_usec; } kept;

static const struct link_set *current(struct event *e)
{
	uint64_t now = now_usec(CLOCK_MONOTONIC);

	if (kept.have && now < kept.looked_usec + LOOK_AGAIN_USEC)
		return &kept.set;
	kept.looked_usec = now;
	if (kept.have && !link_set_changed(&kept.set, ""))
		return &kept.set;
	if (kept.have)
		link_set_finish(&kept.set);
	kept.have = link_set_read(&kept.set, "", e, e->sink) == 0;
	if (!kept.have)
		link_set_finish(&kept.set);
	return kept.have ? &kept.set : NULL;
}

static bool policies_wanted(struct event *e)
{
	char value[64];
	bool b;

	return cmdline_value(e->proc, "net.ifnames", value, sizeof(value)) <= 0 || value_bool(value, &b) < 0 || b;
}

/* only a new interface is set up; on other events its name is said */
static bool may_apply(const struct event *e)
{
	return streq(e->action, "add") || streq(e->action, "bind") || streq(e->action, "move");
}

static int set_up(struct event *e, const struct link_file *f, const struct link_state *s)
{
	unsigned scheme = net_scheme(e);
	const char *name = may_apply(e) ? link_new_name(f, s, scheme, policies_wanted(e)) : s->name;
	int r;

	if (may_apply(e) && !e->dry)
		link_apply(f, s, scheme, name);
	r = put(e, "ID_NET_LINK_FILE", f->path);
	return r == 0 ? put(e, "ID_NET_NAME", name) : r;
}

int builtin_net_setup_link(struct event *e, int argc, char **argv)
{
	struct link_state s = { .e = e };
	const struct link_set *set;
	const struct link_file *f;
	int r;

	if (argc > 1 || e->dev->ifindex <= 0)
		return argc > 1 ? -EINVAL : -ENODEV;
	set = current(e);
	if (!set)
		return -ENOMEM;
	r = link_state_read(&s, e->dev->ifindex);
	if (r == 0) {
		if (s.mac.n && !s.permanent.n)
			ethtool_permanent(s.name, &s.permanent);
		if (ethtool_driver(s.name, s.driver) == 0)
			r = put(e, "ID_NET_DRIVER", s.driver);
		f = r == 0 ? link_set_find(set, &s) : NULL;
		if (f)
			r = set_up(e, f, &s);
	}
	link_state_finish(&s);
	return r == -ENODEV ? 0 : r;                    /* it went away: nobody needs anything of it */
}
