/* apply.c - see apply.h */
#include <linux/netdevice.h>
#include <net/if_arp.h>
#include <stdio.h>
#include "apply.h"
#include "ethtool-set.h"
#include "netlink.h"
#include "osfile.h"
#include "siphash.h"

static unsigned number(const struct link_state *s, const char *attr, unsigned otherwise)
{
	const char *text = device_attr(s->e->dev, attr);
	uint64_t v;

	return text && value_unsigned(text, UINT32_MAX, &v) == 0 ? (unsigned)v : otherwise;
}

static const char *const policy_properties[] = {
	[POLICY_DATABASE] = "ID_NET_NAME_FROM_DATABASE", [POLICY_ONBOARD] = "ID_NET_NAME_ONBOARD", [POLICY_SLOT] = "ID_NET_NAME_SLOT",
	[POLICY_PATH] = "ID_NET_NAME_PATH", [POLICY_MAC] = "ID_NET_NAME_MAC",
};

const char *link_new_name(const struct link_file *f, const struct link_state *s, unsigned scheme, bool policies)
{
	unsigned how = number(s, "name_assign_type", NET_NAME_UNKNOWN);
	bool users = how == NET_NAME_USER || how == NET_NAME_RENAMED;

	if (streq(s->e->action, "move") || (users && scheme < 240))
		return s->name;
	for (size_t i = 0; policies && i < f->name_policy.n; i++) {
		enum link_policy p = f->name_policy.v[i];
		const char *name;

		if ((p == POLICY_KERNEL && how == NET_NAME_PREDICTABLE) || (p == POLICY_KEEP && users))
			return s->name;
		name = policy_properties[p] ? device_property(s->e->dev, policy_properties[p]) : NULL;
		if (name && link_name_valid(name, 15))
			return name;
	}
	return f->new_name ? f->new_name : s->name;
}

static int by_text(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

int link_alternative_names(const struct link_file *f, const struct link_state *s, const char *new_name, char ***ret)
{
	_cleanup_(strv_freep) char **names = NULL, **all = strv_copy(f->alternative_names);
	int r = f->alternative_names && !all ? -ENOMEM : 0;

	for (size_t i = 0; i < f->alternative_policy.n && r >= 0; i++) {
		const char *name = device_property(s->e->dev, policy_properties[f->alternative_policy.v[i]]);

		r = name && *name ? strv_add(&all, name) : 0;
	}
	for (char **p = all; p && *p && r >= 0; p++)
		if (!streq(*p, new_name) && !streq(*p, s->name) && !strv_has(s->alternative_names, *p) && !strv_has(names, *p))
			r = strv_add(&names, *p);
	if (r < 0)
		return r;
	if (names)
		qsort(names, strv_len(names), sizeof(*names), by_text);
	*ret = TAKE_PTR(names);
	return 0;
}

/* of the machine and the interface, so that it is the same each time; the key is systemd's, so an interface keeps its address */
static int persistent(const struct link_state *s, unsigned scheme, const uint8_t machine[16], uint8_t out[8])
{
	static const uint8_t key[16] = { 0xd3, 0x1e, 0x48, 0xfa, 0x90, 0xfe, 0x4b, 0x4c, 0x9d, 0xaf, 0xd5, 0xd7, 0xa1, 0xb1, 0x2e, 0x8a };
	static const enum link_policy order[] = { POLICY_ONBOARD, POLICY_SLOT, POLICY_PATH, POLICY_MAC };
	const char *name = NULL;
	uint8_t data[16 + 256];
	uint64_t hash;
	size_t n;

	for (size_t i = 0; i < ARRAY_SIZE(order) && !name; i++)
		name = device_property(s->e->dev, policy_properties[order[i]]);
	if (!name && scheme >= 241)
		name = s->e->dev->sysname;
	if (!name || strlen(name) > 256)
		return -ENOENT;
	n = strlen(name);
	memcpy(data, machine, 16);
	memcpy(data + 16, name, n);
	hash = siphash24(key, data, 16 + n);
	for (size_t i = 0; i < 8; i++)
		out[i] = (uint8_t)(hash >> 8 * i);
	return 0;
}

int link_new_mac(const struct link_file *f, const struct link_state *s, unsigned scheme, const uint8_t machine[16], struct hwaddr *ret)
{
	unsigned how = number(s, "addr_assign_type", UINT32_MAX);
	size_t len = s->type == ARPHRD_INFINIBAND ? 20 : 6, part = s->type == ARPHRD_INFINIBAND ? 8 : 6;
	struct hwaddr a = { .n = (uint8_t)len };
	uint8_t made[8];
	int r = 0;

	if (s->mac.n == 0)
		return 0;
	if (f->mac_policy == MAC_NONE) {
		if (!f->new_mac.n || (f->new_mac.v[0].n == s->mac.n && memcmp(f->new_mac.v[0].b, s->mac.b, s->mac.n) == 0))
			return 0;
		*ret = f->new_mac.v[0];
		return ret->n == s->mac.n ? 1 : -EINVAL;
	}
	if ((s->type != ARPHRD_ETHER && s->type != ARPHRD_INFINIBAND) || s->mac.n != len || (how != NET_ADDR_RANDOM && how != NET_ADDR_PERM))
		return 0;
	if ((f->mac_policy == MAC_RANDOM) == (how == NET_ADDR_RANDOM))
		return 0;                               /* it is as it shall be */
	memcpy(a.b, s->mac.b, len - part);              /* InfiniBand: the front belongs to the queue and the subnet */
	if (f->mac_policy == MAC_RANDOM)
		random_bytes(made, sizeof(made));
	else
		r = persistent(s, scheme, machine, made);
	if (r < 0)
		return r;
	memcpy(a.b + len - part, made, part);
	if (s->type == ARPHRD_ETHER)
		a.b[0] = (uint8_t)((a.b[0] & 0xfe) | 0x02);     /* one station, given locally */
	*ret = a;
	return len == s->mac.n && memcmp(a.b, s->mac.b, len) == 0 ? 0 : 1;
}

static void complain(void *data, const char *what, int r)
{
	const struct link_state *s = data;

	diag(s->e->sink, DIAG_WARNING, s->e->dev->devpath, 0, 0, "cannot set %s: %s", what, strerror(-r));
}

static bool machine_id(uint8_t id[16])
{
	char text[64];
	int n = osfile_read("/etc/machine-id", text, sizeof(text));

	for (int i = 0; i < 16 && n >= 32; i++)
		if (sscanf(text + 2 * i, "%2hhx", &id[i]) != 1)
			return false;
	return n >= 32;
}

void link_apply(const struct link_file *f, const struct link_state *s, unsigned scheme, const char *new_name)
{
	_cleanup_(strv_freep) char **names = NULL;
	struct link_change c = { .alias = f->alias, .f = f };
	uint8_t machine[16];
	struct hwaddr mac;
	void *data = (void *)(uintptr_t)s;
	int r;

	ethtool_apply(s->name, f, complain, data);
	r = f->mac_policy != MAC_PERSISTENT || machine_id(machine) ? link_new_mac(f, s, scheme, machine, &mac) : -ENOENT;
	if (r < 0)
		complain(data, "a hardware address", r);
	if (r > 0)
		c.mac = &mac;
	r = link_change(s->ifindex, &c);
	if (r < 0)
		complain(data, "Alias=, the hardware address, queues, MTUBytes= or limits of GenericSegmentOffload", r);
	r = link_alternative_names(f, s, new_name, &names);
	if (r == 0)
		r = link_add_names(s->ifindex, names);
	if (r < 0 && r != -EOPNOTSUPP)
		complain(data, "alternative names", r);
}
