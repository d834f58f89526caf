/* ethtool.c - see ethtool.h: the call, and what is only asked */
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include "ethtool.h"

int ethtool_call(const char *interface, void *data)
{
	_cleanup_(closep) int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct ifreq req = { .ifr_data = data };

	if (fd < 0)                                     /* a kernel without IPv4 */
		fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	if (strlen(interface) >= sizeof(req.ifr_name))
		return -ENODEV;
	strcpy(req.ifr_name, interface);
	return ioctl(fd, SIOCETHTOOL, &req) < 0 ? -errno : 0;
}

int ethtool_driver(const char *interface, char driver[ETHTOOL_DRIVER_BYTES])
{
	struct ethtool_drvinfo info = { .cmd = ETHTOOL_GDRVINFO };
	int r = ethtool_call(interface, &info);

	if (r == 0)
		snprintf(driver, ETHTOOL_DRIVER_BYTES, "%.*s", (int)strnlen(info.driver, sizeof(info.driver)), info.driver);
	return r == 0 && !driver[0] ? -ENODATA : r;
}
