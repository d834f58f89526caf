/*
 * net-id.c - predictable names of a network interface: ID_NET_NAME_...; systemd.net-naming-scheme(7)
 *
 * Buses are asked in the order of a table. One that knows the interface ends the search; only a name of the devicetree leaves room for more.
 */
#include <dirent.h>
#include <limits.h>
#include <net/if_arp.h>
#include <stdio.h>
#include "builtins.h"
#include "hwdb.h"
#include "net-pci.h"
#include "net-scheme.h"
#include "tool.h"

struct net {
	struct event *e;
	struct device *d;
	unsigned scheme;
	const char *prefix, *port;      /* port: phys_port_name; NULL */
	uint64_t type;
};

static int put_name(struct net *n, const char *kind, const char *first, const char *second)
{
	char key[64];

	if (!*first && !*second)
		return 0;
	snprintf(key, sizeof(key), "ID_NET_NAME_%s", kind);
	return strlen(n->prefix) + strlen(first) + strlen(second) >= NET_NAME_BYTES ? 0 : putf(n->e, key, "%s%s%s", n->prefix, first, second);
}

/* parent of the interface; virtio in between does not count */
static struct device *direct_parent(struct net *n, bool skip_virtio)
{
	struct device *d = device_parent(n->d);

	while (skip_virtio && d && is_of(d, "virtio", NULL))
		d = device_parent(d);
	return d;
}

static int by_mac(struct net *n)
{
	const char *s = device_attr(n->d, "address");
	unsigned b[6];
	uint64_t kind;
	char oui[32], name[16];
	int used = 0, r;

	if (n->type == ARPHRD_INFINIBAND || !s || sscanf(s, "%2x:%2x:%2x:%2x:%2x:%2x%n", b, b + 1, b + 2, b + 3, b + 4, b + 5, &used) != 6 || s[used])
		return 0;
	if (!attr_number(n->d, "addr_assign_type", 0, UINT32_MAX, &kind) || kind != 0)
		return 0;                               /* made up or set: not the card's own */
	snprintf(name, sizeof(name), "x%02x%02x%02x%02x%02x%02x", b[0], b[1], b[2], b[3], b[4], b[5]);
	r = put_name(n, "MAC", name, "");
	if (r < 0 || (!b[0] && !b[1] && !b[2]))         /* a prefix that many misuse */
		return r;
	snprintf(oui, sizeof(oui), "OUI:%02X%02X%02X%02X%02X%02X", b[0], b[1], b[2], b[3], b[4], b[5]);
	r = hwdb_put(n->e, oui, NULL);
	return r == -ENOMEM ? r : 0;
}

/* alias "ethernetN" of the devicetree whose path is that of the parent's node */
static int by_devicetree(struct net *n)
{
	struct device *parent = direct_parent(n, false), *node, *aliases;
	const char *base = "/firmware/devicetree/base";
	struct dirent *entry;
	int r = -ENOENT;
	DIR *dir;

	if (n->scheme < 252 || !streq(n->prefix, "en") || !parent || device_child(&node, parent, "of_node") < 0 || !startswith(node->devpath, base) ||
	    device_open(&aliases, n->d->arena, n->d->sysfs, "/firmware/devicetree/base/aliases") < 0)
		return -ENOENT;
	dir = opendir(aliases->path);
	while (dir && r == -ENOENT && (entry = readdir(dir))) {
		const char *index = startswith(entry->d_name, "ethernet") ? entry->d_name + 8 : NULL, *path;
		uint64_t number = 0;
		char name[32];

		path = index ? device_attr(aliases, entry->d_name) : NULL;
		if (!path || !streq(path, node->devpath + strlen(base)) || (*index && !text_number(index, 10, UINT32_MAX, &number)))
			continue;
		if (number == 0 && device_attr(aliases, *index ? "ethernet" : "ethernet0"))
			break;                          /* two of the same number */
		snprintf(name, sizeof(name), "d%llu", (unsigned long long)number);
		r = put_name(n, "ONBOARD", name, "");
	}
	if (dir)
		closedir(dir);
	return r;
}

static int by_ccw(struct net *n)
{
	struct device *d = direct_parent(n, true);
	size_t len, skip;
	char name[32];

	if (!is_of(d, "ccw", NULL) && !is_of(d, "ccwgroup", NULL))
		return -ENOENT;
	len = strlen(d->sysname);
	if (len != 8 && len != 9)
		return -ENOENT;
	skip = MIN(strspn(d->sysname, ".0"), len - 1);
	snprintf(name, sizeof(name), "c%s", d->sysname + skip);
	return put_name(n, "PATH", name, "");
}

static int by_vio(struct net *n)
{
	unsigned bus, slot, eth;
	char name[32];

	if (!is_of(direct_parent(n, false), "vio", NULL) || sscanf(n->d->devpath, "/devices/vio/%4x%4x/net/eth%u", &bus, &slot, &eth) != 3)
		return -ENOENT;
	snprintf(name, sizeof(name), "v%u", slot);
	return put_name(n, "SLOT", name, "");
}

/* "HISI00C2:00": vendor of three letters, or four letters and digits, model, instance */
static int by_platform(struct net *n)
{
	const char *p = n->d->devpath + strlen("/devices/platform/");
	unsigned model, instance, eth;
	char vendor[5], name[64];
	bool acpi;

	if (!is_of(direct_parent(n, false), "platform", NULL) || !startswith(n->d->devpath, "/devices/platform/") || strlen(p) < 9)
		return -ENOENT;
	acpi = p[8] == ':';
	if (sscanf(p, acpi ? "%4s%4x:%2x/net/eth%u" : "%3s%4x:%2x/net/eth%u", vendor, &model, &instance, &eth) != 4)
		return -ENOENT;
	for (char *c = vendor; *c; c++) {
		if (!(*c >= 'A' && *c <= 'Z') && !(acpi && *c >= '0' && *c <= '9'))
			return -ENOENT;
		*c |= 0x20;                             /* digits have that bit already */
	}
	snprintf(name, sizeof(name), "a%s%xi%u", vendor, model, instance);
	return put_name(n, "PATH", name, "");
}

static int by_netdevsim(struct net *n)
{
	struct device *d = n->scheme >= 243 && n->port && *n->port ? parent_of(n->d, "netdevsim", NULL) : NULL;
	char name[NET_NAME_BYTES];
	unsigned address;

	if (!d || sscanf(d->sysname, "netdevsim%u", &address) != 1)
		return -ENOENT;
	snprintf(name, sizeof(name), "i%un%s", address, n->port);
	return put_name(n, "PATH", name, "");
}

static int by_xen(struct net *n)
{
	const char *p = n->d->devpath + strlen("/devices/vif-");
	size_t len;
	char name[32];

	if (n->scheme < 250 || !is_of(direct_parent(n, false), "xen", NULL) || !startswith(n->d->devpath, "/devices/vif-"))
		return -ENOENT;
	len = strspn(p, "0123456789");
	if (len == 0 || len > 9 || p[len] != '/' || (p[0] == '0' && len > 1))
		return -ENOENT;
	snprintf(name, sizeof(name), "X%.*s", (int)len, p);
	return put_name(n, "SLOT", name, "");
}

/* "2-1.4:1.6" -> "u1u4i6" */
static bool usb_part(struct net *n, char out[NET_NAME_BYTES])
{
	struct device *d = parent_of(n->d, "usb", "usb_interface");
	const char *ports = d ? strchr(d->sysname, '-') : NULL, *colon = ports ? strchr(ports, ':') : NULL, *dot = colon ? strchr(colon, '.') : NULL;
	size_t len;

	if (!dot)
		return false;
	ports++;
	len = (size_t)snprintf(out, NET_NAME_BYTES, "u%.*s", (int)(colon - ports), ports);
	for (char *s = out; *s; s++)
		if (*s == '.')
			*s = 'u';
	if (len < NET_NAME_BYTES && !(dot - colon == 2 && colon[1] == '1'))
		len += (size_t)snprintf(out + len, NET_NAME_BYTES - len, "c%.*s", (int)(dot - colon - 1), colon + 1);
	if (len < NET_NAME_BYTES && !streq(dot + 1, "0"))
		len += (size_t)snprintf(out + len, NET_NAME_BYTES - len, "i%s", dot + 1);
	return len < NET_NAME_BYTES;
}

static bool bcma_part(struct net *n, char out[NET_NAME_BYTES])
{
	struct device *d = parent_of(n->d, "bcma", NULL);
	unsigned core;

	if (!d || sscanf(d->sysname, "bcma%*u:%u", &core) != 1)
		return false;
	out[0] = '\0';
	if (core > 0)
		snprintf(out, NET_NAME_BYTES, "b%u", core);
	return true;
}

/* the suffix "v3" of a virtual function, and the device whose function it is */
static bool virtual_function(struct device *pci, struct device **ret, char suffix[32])
{
	struct device *physical, *child;
	struct dirent *entry;
	bool found = false;
	DIR *dir;

	if (device_child(&physical, pci, "physfn") < 0)
		return false;
	dir = opendir(physical->path);
	while (dir && !found && (entry = readdir(dir))) {
		const char *number = startswith(entry->d_name, "virtfn") ? entry->d_name + 6 : "";

		if (*number && strlen(number) < 10 && strspn(number, "0123456789") == strlen(number) && device_child(&child, physical, entry->d_name) == 0 && streq(child->devpath, pci->devpath)) {
			snprintf(suffix, 32, "v%s", number);
			found = true;
		}
	}
	if (dir)
		closedir(dir);
	*ret = physical;
	return found;
}

static void add_suffix(char *name, const char *suffix)
{
	if (*name && strlen(name) + strlen(suffix) < NET_NAME_BYTES)
		strcat(name, suffix);
	else
		name[0] = '\0';
}

static int by_pci(struct net *n)
{
	struct device *pci = direct_parent(n, true), *physical;
	char part[NET_NAME_BYTES], suffix[32];
	struct net_pci names;
	bool direct = pci && is_of(pci, "pci", NULL);
	int r = 0;

	if (!direct)
		pci = parent_of(n->d, "pci", NULL);
	if (!pci)
		return -ENOENT;
	if (n->scheme >= 239 && virtual_function(pci, &physical, suffix)) {
		net_pci(&names, n->scheme, n->d, physical, n->port, n->type == ARPHRD_INFINIBAND);
		add_suffix(names.onboard, suffix);
		add_suffix(names.slot, suffix);
		add_suffix(names.path, suffix);
		names.label = NULL;
	} else
		net_pci(&names, n->scheme, n->d, pci, n->port, n->type == ARPHRD_INFINIBAND);
	if (!direct && !usb_part(n, part) && !bcma_part(n, part))
		return 0;
	if (direct) {
		part[0] = '\0';
		r = put_name(n, "ONBOARD", names.onboard, "");
		if (r == 0 && names.label)
			r = putf(n->e, "ID_NET_LABEL_ONBOARD", "%s%s", n->scheme >= 243 ? "" : n->prefix, names.label);
	}
	if (r == 0 && names.path[0])
		r = put_name(n, "PATH", names.path, part);
	return r == 0 && names.slot[0] ? put_name(n, "SLOT", names.slot, part) : r;
}

static int (*const ways[])(struct net *n) = { by_ccw, by_vio, by_platform, by_netdevsim, by_xen, by_pci };

static const char *prefix_of(const struct net *n)
{
	const struct { uint64_t type; const char *prefix; } kinds[] = {
		{ ARPHRD_ETHER, "en" }, { ARPHRD_SLIP, "sl" }, { ARPHRD_INFINIBAND, n->scheme >= 240 ? "ib" : NULL },
	};

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (kinds[i].type == n->type)
			return !kinds[i].prefix ? NULL : streq0(n->d->devtype, "wlan") ? "wl" : streq0(n->d->devtype, "wwan") ? "ww" : kinds[i].prefix;
	return NULL;
}

int builtin_net_id(struct event *e, int argc, char **argv)
{
	struct net n = { .e = e, .d = e->dev, .scheme = net_scheme(e), .port = device_attr(e->dev, "phys_port_name") };
	uint64_t below;
	int r;

	if (e->dev->ifindex <= 0 || !attr_number(e->dev, "iflink", 0, INT_MAX, &below) || !attr_number(e->dev, "type", 0, INT_MAX, &n.type))
		return -ENOENT;
	n.prefix = prefix_of(&n);
	if (below != (uint64_t)e->dev->ifindex || !n.prefix)    /* what stands on another interface has no place of its own */
		return 0;
	r = putf(e, "ID_NET_NAMING_SCHEME", "v%u", n.scheme);
	if (r == 0)
		r = by_mac(&n);
	if (r == 0 && by_devicetree(&n) == -ENOMEM)
		r = -ENOMEM;
	if (r < 0)
		return r;
	r = -ENOENT;
	for (size_t i = 0; i < ARRAY_SIZE(ways) && r == -ENOENT; i++)
		r = ways[i](&n);
	return r == -ENOENT ? 0 : r;
}
