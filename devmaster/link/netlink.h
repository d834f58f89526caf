/* netlink.h - what rtnetlink tells and changes of an interface; rtnetlink(7) */
#pragma once
#include "match.h"

/** link_state_read() - fills all of @s but .e, .driver. 0; -ENODEV: it is gone; negative errno */
int link_state_read(struct link_state *s, int ifindex);
void link_state_finish(struct link_state *s);

/* what is to be set; zero, NULL: nothing */
struct link_change { const char *alias; const struct hwaddr *mac; const struct link_file *f; };
int link_change(int ifindex, const struct link_change *c);
int link_add_names(int ifindex, char *const *names);    /* alternative ones; -EOPNOTSUPP: a kernel without them */
