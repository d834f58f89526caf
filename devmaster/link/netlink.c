/* netlink.c - see netlink.h; a socket for each call: interfaces come seldom */
#include <linux/if.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <netlink/netlink.h>
#include <netlink/msg.h>
#include <netlink/attr.h>
#include <stdio.h>
#include "netlink.h"

static int open_route(struct nl_sock **ret)
{
	struct nl_sock *s = nl_socket_alloc();
	int r = s ? nl_connect(s, NETLINK_ROUTE) : -NLE_NOMEM;

	if (r < 0) {
		nl_socket_free(s);
		return r == -NLE_NOMEM ? -ENOMEM : -EIO;
	}
	nl_socket_disable_auto_ack(s);
	*ret = s;
	return 0;
}

static void take_hwaddr(struct nlattr *a, struct hwaddr *ret)
{
	if (a && nla_len(a) > 0 && nla_len(a) <= HWADDR_BYTES) {
		ret->n = (uint8_t)nla_len(a);
		memcpy(ret->b, nla_data(a), ret->n);
	}
}

static void take_text(struct nlattr *a, char *out, size_t size)
{
	if (a)
		snprintf(out, size, "%.*s", (int)strnlen(nla_data(a), (size_t)nla_len(a)), (const char *)nla_data(a));
}

static int take_link(struct nl_msg *msg, void *data)
{
	struct nlmsghdr *h = nlmsg_hdr(msg);
	struct link_state *s = data;
	struct nlattr *a[IFLA_MAX + 1], *info[IFLA_INFO_MAX + 1], *n;
	struct ifinfomsg *i;
	int left;

	if (h->nlmsg_type != RTM_NEWLINK || nlmsg_parse(h, sizeof(struct ifinfomsg), a, IFLA_MAX, NULL) < 0)
		return NL_SKIP;
	i = nlmsg_data(h);
	s->type = i->ifi_type;
	s->flags = i->ifi_flags;
	s->ifindex = i->ifi_index;
	take_text(a[IFLA_IFNAME], s->name, sizeof(s->name));
	take_hwaddr(a[IFLA_ADDRESS], &s->mac);
	take_hwaddr(a[IFLA_PERM_ADDRESS], &s->permanent);
	if (a[IFLA_LINKINFO] && nla_parse_nested(info, IFLA_INFO_MAX, a[IFLA_LINKINFO], NULL) == 0)
		take_text(info[IFLA_INFO_KIND], s->kind, sizeof(s->kind));
	if (a[IFLA_PROP_LIST])
		nla_for_each_nested(n, a[IFLA_PROP_LIST], left)
			if (nla_type(n) == IFLA_ALT_IFNAME) {
				char text[128];

				take_text(n, text, sizeof(text));
				strv_add(&s->alternative_names, text);
			}
	return NL_OK;
}

static int take_error(struct sockaddr_nl *from, struct nlmsgerr *err, void *data)
{
	*(int *)data = err->error;
	return NL_STOP;
}

static int take_ack(struct nl_msg *msg, void *data)
{
	*(int *)data = 0;
	return NL_STOP;
}

/* sends @msg (and frees it) and takes what comes until it is answered. 0 or negative errno, the kernel's own */
static int ask(struct nl_msg *msg, struct link_state *s)
{
	struct nl_sock *sock;
	struct nl_cb *cb;
	int result = 1, r = msg ? open_route(&sock) : -ENOMEM;

	if (r < 0) {
		nlmsg_free(msg);
		return r;
	}
	cb = nl_cb_alloc(NL_CB_DEFAULT);
	r = cb && nl_send_auto(sock, msg) >= 0 ? 0 : -EIO;
	nlmsg_free(msg);
	if (r == 0) {
		nl_cb_err(cb, NL_CB_CUSTOM, take_error, &result);
		nl_cb_set(cb, NL_CB_ACK, NL_CB_CUSTOM, take_ack, &result);
		if (s)
			nl_cb_set(cb, NL_CB_VALID, NL_CB_CUSTOM, take_link, s);
	}
	while (r == 0 && result > 0)
		if (nl_recvmsgs(sock, cb) < 0 && result > 0)
			r = -EIO;
	nl_cb_put(cb);
	nl_socket_free(sock);
	return r < 0 ? r : result;
}

static struct nl_msg *message(int type, int ifindex, int flags)
{
	struct ifinfomsg i = { .ifi_family = AF_UNSPEC, .ifi_index = ifindex };
	struct nl_msg *msg = nlmsg_alloc_simple(type, NLM_F_REQUEST | NLM_F_ACK | flags);

	if (msg && nlmsg_append(msg, &i, sizeof(i), NLMSG_ALIGNTO) < 0) {
		nlmsg_free(msg);
		return NULL;
	}
	return msg;
}

int link_state_read(struct link_state *s, int ifindex)
{
	int r = ask(message(RTM_GETLINK, ifindex, 0), s);

	return r == 0 && s->ifindex != ifindex ? -ENODEV : r;
}

void link_state_finish(struct link_state *s)
{
	strv_free(s->alternative_names);
	s->alternative_names = NULL;
}

int link_change(int ifindex, const struct link_change *c)
{
	const struct { int attr; const struct link_number *n; } numbers[] = {
		{ IFLA_NUM_TX_QUEUES, &c->f->tx_queues }, { IFLA_NUM_RX_QUEUES, &c->f->rx_queues }, { IFLA_TXQLEN, &c->f->queue_length },
		{ IFLA_MTU, &c->f->mtu }, { IFLA_GSO_MAX_SIZE, &c->f->gso_bytes }, { IFLA_GSO_MAX_SEGS, &c->f->gso_segments },
	};
	struct nl_msg *msg = message(RTM_SETLINK, ifindex, 0);
	bool any = false;
	int r = msg ? 0 : -1;

	if (r == 0 && c->alias) {
		r = nla_put(msg, IFLA_IFALIAS, (int)strlen(c->alias), c->alias);
		any = true;
	}
	if (r == 0 && c->mac) {
		r = nla_put(msg, IFLA_ADDRESS, c->mac->n, c->mac->b);
		any = true;
	}
	for (size_t i = 0; i < ARRAY_SIZE(numbers) && r == 0; i++) {
		if (!numbers[i].n->set)
			continue;
		r = nla_put_u32(msg, numbers[i].attr, (uint32_t)numbers[i].n->v);
		any = true;
	}
	if (r < 0 || !any) {
		nlmsg_free(msg);
		return r < 0 ? -ENOMEM : 0;
	}
	return ask(msg, NULL);
}

int link_add_names(int ifindex, char *const *names)
{
	struct nl_msg *msg = names && *names ? message(RTM_NEWLINKPROP, ifindex, NLM_F_EXCL | NLM_F_CREATE | NLM_F_APPEND) : NULL;
	struct nlattr *list;
	int r = 0;

	if (!names || !*names)
		return 0;
	list = msg ? nla_nest_start(msg, IFLA_PROP_LIST | NLA_F_NESTED) : NULL;
	for (; list && *names && r == 0; names++)
		r = nla_put_string(msg, IFLA_ALT_IFNAME, *names);
	if (!list || r < 0) {
		nlmsg_free(msg);
		return -ENOMEM;
	}
	nla_nest_end(msg, list);
	return ask(msg, NULL);
}
