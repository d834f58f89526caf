/* keys-filter.c - kinds of the keys that become programs of the group: devices, addresses, binds, interfaces, filters of others */
#include <arpa/inet.h>
#include <ctype.h>
#include <net/if.h>
#include <stdio.h>
#include "cgroup/context.h"
#include "cgroup/kinds.h"

/* ---- SocketBindAllow=: "[ipv4:|ipv6:][tcp:|udp:]any|PORT|LOW-HIGH" ---- */

static bool port_range(const char *s)
{
	unsigned low, high;
	int end = 0, n = sscanf(s, "%5u%n-%5u%n", &low, &end, &high, &end);

	if (!isdigit((unsigned char)*s) || n < 1 || s[end])
		return false;
	if (n < 2)
		high = low;
	return low >= 1 && low <= high && high <= 65535;
}

static bool bind_rule_valid(const char *s)
{
	if (startswith(s, "ipv4:") || startswith(s, "ipv6:"))
		s += 5;
	if (startswith(s, "tcp:") || startswith(s, "udp:"))
		s += 4;
	return streq(s, "any") || port_range(s);
}

static int parse_bind(const struct key_place *at, const struct key *k, const char *value, void *field)
{
	if (!*value) {
		kind_list_clear(k, field);
		return 0;
	}
	if (!bind_rule_valid(value))
		return key_bad(at, "\"%s\" is no rule such as any, tcp:80 or ipv6:udp:1024-2048", value);
	return strv_has(*(char ***)field, value) ? 0 : strv_add(field, value);
}

const struct key_kind kind_bind = { "[ipv4:|ipv6:][tcp:|udp:]any|PORT|LOW-HIGH", parse_bind, kind_lines_format, kind_list_clear, .adds_up = true };

/* ---- RestrictNetworkInterfaces=: the first assignment says whether the list allows; one of the other kind takes names out ---- */

static bool interface_valid(const char *s)
{
	if (!*s || strlen(s) >= IFNAMSIZ || streq(s, ".") || streq(s, ".."))
		return false;
	for (; *s; s++)
		if ((unsigned char)*s <= ' ' || (unsigned char)*s >= 127 || strchr(":/%", *s))
			return false;
	return true;
}

static void take_out(char **v, const char *word)
{
	for (; v && *v; v++)
		while (*v && streq(*v, word)) {
			free(*v);
			memmove(v, v + 1, (strv_len(v + 1) + 1) * sizeof(*v));
		}
}

static int parse_interfaces(const struct key_place *at, const struct key *k, const char *value, void *field)
{
	struct cgroup_interfaces *c = field;
	const char *p = value;
	bool allow = *value != '~';
	char *word;
	int r;

	if (!*value) {
		strv_free(TAKE_PTR(c->names));
		return 0;
	}
	p += !allow;
	if (!c->names)
		c->allow = allow;
	while ((r = key_next_word(at, value, &p, true, &word)) > 0) {
		_cleanup_(freep) char *own = word;

		if (!interface_valid(own))
			key_bad(at, "\"%s\" is no name of a network interface", own);
		else if (allow != c->allow)
			take_out(c->names, own);
		else if (!strv_has(c->names, own) && (r = strv_add(&c->names, own)) < 0)
			return r;
	}
	return r;
}

static void format_interfaces(const struct key *k, const void *field, struct buf *out)
{
	const struct cgroup_interfaces *c = field;

	for (size_t i = 0; c->names && c->names[i]; i++)
		buf_addf(out, "%s%s", i ? " " : c->allow ? "" : "~", c->names[i]);
}

static void clear_interfaces(const struct key *k, void *field) { strv_free(TAKE_PTR(((struct cgroup_interfaces *)field)->names)); }

const struct key_kind kind_interfaces = { "interfaces, \"~\" in front: all but these", parse_interfaces, format_interfaces, clear_interfaces, .adds_up = true };

/* ---- programs in a BPF file system ---- */

static int add_path(const struct key_place *at, const char *value, size_t skip, char **ret)
{
	char *path = NULL;
	int r = key_expand(at, value + skip, skip, &path);

	if (r >= 0)
		r = key_path_check(at, skip, path);
	if (r < 0) {
		free(path);
		return r;
	}
	*ret = path;
	return 0;
}

static int parse_filter_path(const struct key_place *at, const struct key *k, const char *value, void *field)
{
	char *path;
	int r;

	if (!*value) {
		kind_list_clear(k, field);
		return 0;
	}
	r = add_path(at, value, 0, &path);
	return r < 0 ? r : strv_consume(field, path);
}

const struct key_kind kind_filter_path = { "path", parse_filter_path, kind_list_format, kind_list_clear, .adds_up = true };

static int parse_program(const struct key_place *at, const struct key *k, const char *value, void *field)
{
	static const char *const types[] = {
		"egress", "ingress", "sock_create", "sock_ops", "device", "bind4", "bind6", "connect4", "connect6", "post_bind4", "post_bind6",
		"sendmsg4", "sendmsg6", "sysctl", "recvmsg4", "recvmsg6", "getsockopt", "setsockopt",
	};
	size_t n = strcspn(value, ":");
	_cleanup_(freep) char *path = NULL;
	bool known = false;
	char *line;
	int r;

	if (!*value) {
		kind_list_clear(k, field);
		return 0;
	}
	for (size_t i = 0; i < ARRAY_SIZE(types); i++)
		known |= strlen(types[i]) == n && strncmp(types[i], value, n) == 0;
	if (!known || !value[n])
		return key_bad(at, "\"%s\" is no type of attachment, a colon and a path", value);
	r = add_path(at, value, n + 1, &path);
	if (r < 0)
		return r;
	return asprintf(&line, "%.*s:%s", (int)n, value, path) < 0 ? -ENOMEM : strv_consume(field, line);
}

const struct key_kind kind_program = { "TYPE:PATH", parse_program, kind_lines_format, kind_list_clear, .adds_up = true };

/* ---- devices: "/dev/PATH", "char-GROUP" or "block-GROUP", then "rwm" ---- */

static int parse_device(const struct key_place *at, const struct key *k, const char *value, void *field)
{
	_cleanup_(freep) char *spec = NULL, *access = NULL;
	const char *p = value;
	char *line;
	int r;

	if (!*value) {
		kind_list_clear(k, field);
		return 0;
	}
	r = key_next_word(at, value, &p, true, &spec);
	if (r > 0)
		r = key_next_word(at, value, &p, true, &access);
	if (r < 0)
		return r;
	if (!spec || (!startswith(spec, "/dev/") && !startswith(spec, "/run/systemd/inaccessible/") && !startswith(spec, "char-") && !startswith(spec, "block-")))
		return key_bad(at, "\"%s\" is no device below /dev, char-GROUP or block-GROUP", spec ? spec : "");
	if (access && (!*access || strspn(access, "rwm") != strlen(access)))
		return key_bad(at, "\"%s\" is no access made of r, w and m", access);
	if (asprintf(&line, "%s %s", spec, access ? access : "rwm") < 0)
		return -ENOMEM;
	return strv_consume(field, line);
}

const struct key_kind kind_device = { "device and access", parse_device, kind_lines_format, kind_list_clear, .adds_up = true };

/* ---- addresses ---- */

static int add_prefix(struct cgroup_prefixes *l, const char *word)
{
	_cleanup_(freep) char *s = strdup(word);
	struct cgroup_prefix p = { .bits = 0 }, *grown;
	uint64_t bits = UINT64_MAX;
	char *slash;

	if (!s)
		return -ENOMEM;
	slash = strchr(s, '/');
	if (slash)
		*slash++ = 0;
	if (slash && value_unsigned(slash, 128, &bits) < 0)
		return -EINVAL;
	if (inet_pton(AF_INET, s, p.address) == 1)
		p.len = 4;
	else if (inet_pton(AF_INET6, s, p.address) == 1)
		p.len = 16;
	else
		return -EINVAL;
	if (slash && bits > 8u * p.len)
		return -EINVAL;
	p.bits = (uint8_t)(slash ? bits : 8u * p.len);
	for (unsigned i = 0; i < p.len; i++)            /* what does not count is nothing */
		p.address[i] &= p.bits >= 8 * (i + 1) ? 0xff : p.bits <= 8 * i ? 0 : (uint8_t)(0xff << (8 * (i + 1) - p.bits));
	grown = l->n < 512 ? reallocarray(l->v, l->n + 1, sizeof(*grown)) : NULL;
	if (!grown)
		return -ENOMEM;
	l->v = grown;
	l->v[l->n++] = p;
	return 0;
}

static void clear_prefixes(const struct key *k, void *field)
{
	struct cgroup_prefixes *l = field;

	free(l->v);
	*l = (struct cgroup_prefixes){ NULL };
}

static int parse_prefixes(const struct key_place *at, const struct key *k, const char *value, void *field)
{
	static const struct { const char *name, *v4, *v6; } names[] = {
		{ "any", "0.0.0.0/0", "::/0" }, { "localhost", "127.0.0.0/8", "::1/128" }, { "link-local", "169.254.0.0/16", "fe80::/64" }, { "multicast", "224.0.0.0/4", "ff00::/8" },
	};
	const char *p = value;
	char *word;
	int r;

	if (!*value)
		clear_prefixes(k, field);
	while ((r = key_next_word(at, value, &p, false, &word)) > 0) {
		_cleanup_(freep) char *own _unused_ = word;
		const char *v4 = word, *v6 = NULL;

		for (size_t i = 0; i < ARRAY_SIZE(names); i++)
			if (streq(names[i].name, word)) {
				v4 = names[i].v4;
				v6 = names[i].v6;
			}
		r = add_prefix(field, v4);
		if (r == 0 && v6)
			r = add_prefix(field, v6);
		if (r == -ENOMEM)
			return r;
		if (r < 0)
			key_bad(at, "\"%s\" is no address, prefix or name of one", word);
	}
	return r;
}

static void format_prefixes(const struct key *k, const void *field, struct buf *out)
{
	const struct cgroup_prefixes *l = field;
	char text[INET6_ADDRSTRLEN];

	for (size_t i = 0; i < l->n; i++)
		if (inet_ntop(l->v[i].len == 4 ? AF_INET : AF_INET6, l->v[i].address, text, sizeof(text)))
			buf_addf(out, "%s%s/%u", i ? " " : "", text, l->v[i].bits);
}

const struct key_kind kind_prefixes = { "addresses with prefix lengths, any, localhost, link-local, multicast", parse_prefixes, format_prefixes, clear_prefixes, .adds_up = true };
