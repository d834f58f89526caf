/* cgroup-sock.c - what a unit's sockets may be bound to, which interfaces its packets take, and programs that others pinned */
#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include "cgroup-prog.h"

/* ---- binds: r6 context, r2 protocol, r3 port ---- */

/* "[ipv4:|ipv6:][tcp:|udp:]any|PORT|LOW-HIGH", as core wrote it. false: not for this family, or not understood */
static bool read_rule(const char *text, bool v6, int *protocol, int *low, int *high)
{
	*protocol = 0;
	*low = 0;
	*high = 65535;
	if (startswith(text, "ipv4:") || startswith(text, "ipv6:")) {
		if ((text[3] == '6') != v6)
			return false;
		text += 5;
	}
	if (startswith(text, "tcp:") || startswith(text, "udp:")) {
		*protocol = *text == 't' ? IPPROTO_TCP : IPPROTO_UDP;
		text += 4;
	}
	if (streq(text, "any"))
		return true;
	switch (sscanf(text, "%d-%d", low, high)) {
	case 1:
		*high = *low;
		return true;
	case 2:
		return true;
	default:
		return false;
	}
}

/* true: it matches everything, and what is behind it would never be reached */
static bool bind_rule(struct code *c, const char *text, bool v6, int pass)
{
	int protocol, low, high;
	size_t jumps[3], n = 0;

	if (!read_rule(text, v6, &protocol, &low, &high))
		return false;
	if (protocol)
		jumps[n++] = unless_equal(c, 2, protocol);
	if (low > 0 || high < 65535) {
		jumps[n] = unless_in(c, 3, low, high, &jumps[n + 1]);
		n += 2;
	}
	verdict(c, pass);
	for (size_t i = 0; i < n; i++)
		land(c, jumps[i]);
	return n == 0;
}

int binds_add(const struct run *r, struct hooks *h)
{
	const struct ipc_cgroup_filters *f = &r->p.filters;
	int e = 0;

	if (!r->p.has_filters || (!f->n_bind_allow && !f->n_bind_deny))
		return 0;
	for (int v6 = 0; v6 < 2 && e >= 0; v6++) {
		struct code c = { NULL };
		bool all = false;

		LOAD_WORD(&c, 2, 1, offsetof(struct bpf_sock_addr, protocol));
		LOAD_WORD(&c, 3, 1, offsetof(struct bpf_sock_addr, user_port));
		emit(&c, BPF_ALU | BPF_END | BPF_TO_BE, 3, 0, 0, 16);
		for (size_t i = 0; i < f->n_bind_allow && !all; i++)
			all = bind_rule(&c, f->bind_allow[i], v6, 1);
		for (size_t i = 0; i < f->n_bind_deny && !all; i++)
			all = bind_rule(&c, f->bind_deny[i], v6, 0);
		if (!all)
			verdict(&c, 1);
		e = hooks_load(h, &c, BPF_PROG_TYPE_CGROUP_SOCK_ADDR, v6 ? BPF_CGROUP_INET6_BIND : BPF_CGROUP_INET4_BIND);
	}
	return e;
}

/* ---- interfaces ---- */

int interfaces_add(const struct run *r, struct hooks *h)
{
	static const enum bpf_attach_type ways[] = { BPF_CGROUP_INET_INGRESS, BPF_CGROUP_INET_EGRESS };
	const struct ipc_cgroup_filters *f = &r->p.filters;
	int e = 0;

	if (!r->p.has_filters || !f->n_interfaces)
		return 0;
	for (size_t w = 0; w < ARRAY_SIZE(ways) && e >= 0; w++) {
		struct code c = { NULL };

		LOAD_WORD(&c, 2, 1, offsetof(struct __sk_buff, ifindex));
		for (size_t i = 0; i < f->n_interfaces; i++) {
			unsigned index = if_nametoindex(f->interfaces[i]);

			if (!index) {
				step_warn(r, "RestrictNetworkInterfaces= names an interface that is not there", -ENODEV);
				continue;
			}
			size_t jump = unless_equal(&c, 2, (int32_t)index);

			verdict(&c, f->interfaces_allow);
			land(&c, jump);
		}
		verdict(&c, !f->interfaces_allow);
		e = hooks_load(h, &c, BPF_PROG_TYPE_CGROUP_SKB, ways[w]);
	}
	return e;
}

/* ---- programs of others ---- */

static const struct { const char *name; enum bpf_attach_type where; } places[] = {
	{ "egress", BPF_CGROUP_INET_EGRESS },           { "ingress", BPF_CGROUP_INET_INGRESS },
	{ "sock_create", BPF_CGROUP_INET_SOCK_CREATE }, { "sock_ops", BPF_CGROUP_SOCK_OPS },
	{ "device", BPF_CGROUP_DEVICE },                { "bind4", BPF_CGROUP_INET4_BIND },
	{ "bind6", BPF_CGROUP_INET6_BIND },             { "connect4", BPF_CGROUP_INET4_CONNECT },
	{ "connect6", BPF_CGROUP_INET6_CONNECT },       { "post_bind4", BPF_CGROUP_INET4_POST_BIND },
	{ "post_bind6", BPF_CGROUP_INET6_POST_BIND },   { "sendmsg4", BPF_CGROUP_UDP4_SENDMSG },
	{ "sendmsg6", BPF_CGROUP_UDP6_SENDMSG },        { "sysctl", BPF_CGROUP_SYSCTL },
	{ "recvmsg4", BPF_CGROUP_UDP4_RECVMSG },        { "recvmsg6", BPF_CGROUP_UDP6_RECVMSG },
	{ "getsockopt", BPF_CGROUP_GETSOCKOPT },        { "setsockopt", BPF_CGROUP_SETSOCKOPT },
};

static int pinned(const struct run *r, struct hooks *h, const char *path, enum bpf_attach_type where)
{
	int e = hooks_pinned(h, path, where);

	if (e < 0)
		step_warn(r, path, e);
	return e == -EPERM || e == -ENOSYS ? 0 : e;     /* where no program can be had at all, the unit runs without */
}

int programs_add(const struct run *r, struct hooks *h)
{
	const struct ipc_cgroup_filters *f = &r->p.filters;
	int e = 0;

	for (size_t i = 0; r->p.has_filters && i < f->n_ingress_paths && e >= 0; i++)
		e = pinned(r, h, f->ingress_paths[i], BPF_CGROUP_INET_INGRESS);
	for (size_t i = 0; r->p.has_filters && i < f->n_egress_paths && e >= 0; i++)
		e = pinned(r, h, f->egress_paths[i], BPF_CGROUP_INET_EGRESS);
	for (size_t i = 0; r->p.has_filters && i < f->n_programs && e >= 0; i++) {
		const char *colon = strchr(f->programs[i], ':');
		size_t n = colon ? (size_t)(colon - f->programs[i]) : 0;

		for (size_t j = 0; j < ARRAY_SIZE(places) && n; j++)
			if (strlen(places[j].name) == n && strncmp(places[j].name, f->programs[i], n) == 0)
				pinned(r, h, colon + 1, places[j].where);       /* reported, and the unit runs without */
	}
	return e;
}
