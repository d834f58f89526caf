/* net-driver.c - ID_NET_DRIVER: the driver as ethtool -i says it; a builtin of its own in later systemd, in 252 a part of net_setup_link */
#include "builtins.h"
#include "link/ethtool.h"
#include "tool.h"

int builtin_net_driver(struct event *e, int argc, char **argv)
{
	char driver[ETHTOOL_DRIVER_BYTES];
	int r = e->dev->ifindex > 0 ? ethtool_driver(e->dev->sysname, driver) : -ENODEV;

	return r < 0 ? r : put(e, "ID_NET_DRIVER", driver);
}
