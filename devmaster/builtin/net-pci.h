/* net-pci.h - the parts of a network interface's names that its PCI device gives; systemd.net-naming-scheme(7) */
#pragma once
#include "device/device.h"

#define NET_NAME_BYTES 128              /* an alternative name of the kernel's */

struct net_pci {
	char onboard[NET_NAME_BYTES], slot[NET_NAME_BYTES], path[NET_NAME_BYTES];       /* "o1", "s5f1", "p2s0"; "": none */
	const char *label;              /* NULL: none */
};
/** net_pci() - of @pci, for the interface @net; @port: its phys_port_name or NULL */
void net_pci(struct net_pci *ret, unsigned scheme, struct device *net, struct device *pci, const char *port, bool infiniband);
