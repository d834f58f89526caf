/* monitor.c - see monitor.h: head, hashes, what a filter means */
#include <assert.h>
#include <endian.h>
#include "monitor.h"

static_assert(sizeof(struct monitor_head) == 40, "the head has no holes");

uint32_t monitor_hash(const char *s)
{
	static const uint32_t multiplier = 0x5bd1e995;
	size_t n = strlen(s);
	uint32_t h = (uint32_t)n, k;

	for (; n >= 4; s += 4, n -= 4) {
		memcpy(&k, s, 4);
		k *= multiplier;
		h = h * multiplier ^ (k ^ k >> 24) * multiplier;
	}
	for (size_t i = n; i > 0; i--)
		h ^= (uint32_t)(unsigned char)s[i - 1] << (8 * (i - 1));
	if (n > 0)
		h *= multiplier;
	h = (h ^ h >> 13) * multiplier;
	return h ^ h >> 15;
}

uint64_t monitor_bloom(const char *tag)
{
	uint32_t h = monitor_hash(tag);
	uint64_t bits = 0;

	for (unsigned shift = 0; shift < 24; shift += 6)
		bits |= 1ULL << (h >> shift & 63);
	return bits;
}

void monitor_head(struct monitor_head *ret, const char *subsystem, const char *devtype, uint64_t tags, size_t bytes)
{
	*ret = (struct monitor_head){
		.prefix = "libudev", .magic = htobe32(MONITOR_MAGIC), .head_bytes = sizeof(*ret), .properties_at = sizeof(*ret),
		.properties_bytes = (uint32_t)bytes, .subsystem = htobe32(monitor_hash(subsystem)),
		.devtype = devtype ? htobe32(monitor_hash(devtype)) : 0, .tags_high = htobe32((uint32_t)(tags >> 32)), .tags_low = htobe32((uint32_t)tags),
	};
}

/* ":a:b:" -> the bits of a and of b */
static uint64_t bloom_of(const char *tags)
{
	uint64_t bits = 0;
	char tag[256];

	while (tags && *tags) {
		size_t n = strcspn(tags, ":");

		if (n > 0 && n < sizeof(tag)) {
			memcpy(tag, tags, n);
			tag[n] = '\0';
			bits |= monitor_bloom(tag);
		}
		tags += n + (tags[n] == ':');
	}
	return bits;
}

int monitor_encode(struct buf *out, const char *properties, size_t n)
{
	struct monitor_head head;
	struct uevent u;
	int r = uevent_properties(properties, n, &u);

	if (r < 0)
		return r;
	monitor_head(&head, u.subsystem, u.devtype, bloom_of(uevent_get(&u, "TAGS")), n);
	buf_add(out, &head, sizeof(head));
	buf_add(out, properties, n);
	return buf_error(out);
}

int monitor_decode(const void *data, size_t n, struct uevent *ret, int *ret_group)
{
	struct monitor_head head;
	int group = MONITOR_KERNEL, r;

	if (n >= sizeof(head) && memcmp(data, "libudev", 8) == 0) {
		memcpy(&head, data, sizeof(head));
		if (be32toh(head.magic) != MONITOR_MAGIC || head.properties_at < sizeof(head) || head.properties_at > n ||
		    head.properties_bytes > n - head.properties_at)
			return -EBADMSG;
		group = MONITOR_UDEV;
		r = uevent_properties((const char *)data + head.properties_at, head.properties_bytes, ret);
	} else
		r = uevent_kernel(data, n, ret);
	if (r == 0 && ret_group)
		*ret_group = group;
	return r;
}

static bool has_tag(const char *tags, const char *tag)
{
	size_t n = strlen(tag);

	for (const char *p = tags; p && (p = strstr(p, tag)); p++)
		if (n > 0 && p > tags && p[-1] == ':' && p[n] == ':')
			return true;
	return false;
}

static bool match(const struct monitor_match *m, const struct uevent *u)
{
	return streq(m->subsystem, u->subsystem) && (!m->devtype || streq0(m->devtype, u->devtype));
}

bool monitor_passes(const struct monitor_filter *f, const struct uevent *u)
{
	const char *tags = f->n_tags ? uevent_get(u, "TAGS") : NULL;
	bool yes = f->n_matches == 0;

	for (size_t i = 0; !yes && i < f->n_matches; i++)
		yes = match(&f->matches[i], u);
	if (!yes || f->n_tags == 0)
		return yes;
	for (size_t i = 0; i < f->n_tags; i++)
		if (has_tag(tags, f->tags[i]))
			return true;
	return false;
}
