/* ethtool-set.c - see ethtool-set.h */
#include <linux/ethtool.h>
#include <stdio.h>
#include "ethtool-set.h"
#include "ethtool.h"

#define MASK_WORDS_MAX 8                /* of link modes, 32 each */
#define FEATURES_MAX 1024

struct counted { const struct link_number *want; uint32_t *have; uint32_t max; };

int ethtool_permanent(const char *interface, struct hwaddr *ret)
{
	union { struct ethtool_perm_addr a; uint8_t bytes[sizeof(struct ethtool_perm_addr) + HWADDR_BYTES]; } p = { .a = { .cmd = ETHTOOL_GPERMADDR, .size = HWADDR_BYTES } };
	const uint8_t *at = p.bytes + sizeof(struct ethtool_perm_addr);
	int r = ethtool_call(interface, &p);
	bool any = false;

	if (r < 0)
		return r;
	for (uint32_t i = 0; i < p.a.size && i < HWADDR_BYTES; i++)
		any |= at[i] != 0;
	if (!any || p.a.size > HWADDR_BYTES)
		return -ENODATA;
	ret->n = (uint8_t)p.a.size;
	memcpy(ret->b, at, p.a.size);
	return 0;
}

#define SETTINGS_WORDS (sizeof(struct ethtool_link_settings) / 4)
union modes { struct ethtool_link_settings s; uint32_t words[SETTINGS_WORDS + 3 * MASK_WORDS_MAX]; };   /* behind .s the masks: supported, advertised, of the partner */

static int get_modes(const char *interface, union modes *m)
{
	__s8 n;
	int r;

	memset(m, 0, sizeof(*m));
	m->s.cmd = ETHTOOL_GLINKSETTINGS;
	r = ethtool_call(interface, m);         /* the kernel says, negative, how many words there are */
	if (r < 0)
		return r;
	if (m->s.link_mode_masks_nwords >= 0 || -m->s.link_mode_masks_nwords > MASK_WORDS_MAX)
		return -EOPNOTSUPP;
	n = (__s8)-m->s.link_mode_masks_nwords;
	memset(m, 0, sizeof(*m));
	m->s.cmd = ETHTOOL_GLINKSETTINGS;
	m->s.link_mode_masks_nwords = n;
	r = ethtool_call(interface, m);
	return r < 0 ? r : m->s.link_mode_masks_nwords <= 0 ? -EOPNOTSUPP : 0;
}

static bool advertise(union modes *m, const struct link_flags *f)
{
	uint32_t *masks = m->words + SETTINGS_WORDS + m->s.link_mode_masks_nwords;
	bool changed = false;

	for (int i = 0; i < m->s.link_mode_masks_nwords; i++) {
		uint32_t want = i < 2 ? (uint32_t)(f->v >> 32 * i) : 0;

		changed |= masks[i] != want;
		masks[i] = want;
	}
	return changed;
}

static int apply_modes(const char *interface, const struct link_file *f)
{
	int autonegotiation = f->advertise.v ? 1 : f->autonegotiation, r;
	uint32_t mbits = f->speed.set ? (uint32_t)MIN(f->speed.v / 1000000 + (f->speed.v % 1000000 != 0), (uint64_t)UINT32_MAX - 1) : 0;
	bool changed = false;
	union modes m;

	if (autonegotiation < 0 && !f->speed.set && f->duplex < 0 && f->port < 0 && f->mdi < 0 && !f->advertise.v)
		return 0;
	r = get_modes(interface, &m);
	if (r < 0)
		return r;
#define TAKE(field, value, said) do { if (said) { changed |= m.s.field != (__typeof__(m.s.field))(value); m.s.field = (__typeof__(m.s.field))(value); } } while (0)
	TAKE(speed, mbits, f->speed.set);
	TAKE(duplex, f->duplex, f->duplex >= 0);
	TAKE(port, f->port, f->port >= 0);
	TAKE(autoneg, autonegotiation, autonegotiation >= 0);
	TAKE(eth_tp_mdix_ctrl, f->mdi, f->mdi >= 0);
#undef TAKE
	if (f->advertise.v)
		changed |= advertise(&m, &f->advertise);
	m.s.cmd = ETHTOOL_SLINKSETTINGS;
	return changed ? ethtool_call(interface, &m) : 0;
}

/* the password itself, or the file it is in */
static int wol_password(const struct link_file *f, struct hwaddr *ret)
{
	char text[64];
	FILE *file;

	if (f->wol_password[0] != '/')
		return hwaddr_parse(f->wol_password, ret);
	file = fopen(f->wol_password, "re");
	if (!file)
		return -errno;
	text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
	fclose(file);
	text[strcspn(text, " \n")] = '\0';
	return hwaddr_parse(text, ret);
}

static int apply_wol(const char *interface, const struct link_file *f)
{
	struct ethtool_wolinfo w = { .cmd = ETHTOOL_GWOL };
	struct hwaddr password = { 0 };
	bool changed = false;
	int r;

	if (!f->wol.set && !f->wol_password)
		return 0;
	if (f->wol_password) {
		r = wol_password(f, &password);
		if (r < 0 || password.n != SOPASS_MAX)
			return r < 0 ? r : -EINVAL;
	}
	r = ethtool_call(interface, &w);
	if (r < 0)
		return r;
	if (f->wol.set) {
		changed = w.wolopts != (uint32_t)f->wol.v;
		w.wolopts = (uint32_t)f->wol.v;
	}
	if (password.n) {
		changed |= !(w.wolopts & WAKE_MAGICSECURE) || memcmp(w.sopass, password.b, SOPASS_MAX) != 0;
		w.wolopts |= WAKE_MAGICSECURE;
		memcpy(w.sopass, password.b, SOPASS_MAX);
	}
	w.cmd = ETHTOOL_SWOL;
	return changed ? ethtool_call(interface, &w) : 0;
}

/* names as the kernel has them; "-" at the end: all that begin so */
static const char *const feature_names[N_LINK_FEATURES] = {
	[FEATURE_RX_CHECKSUM] = "rx-checksum", [FEATURE_TX_CHECKSUM] = "tx-checksum-", [FEATURE_TSO] = "tx-tcp-segmentation", [FEATURE_TSO6] = "tx-tcp6-segmentation",
	[FEATURE_GSO] = "tx-generic-segmentation", [FEATURE_GRO] = "rx-gro", [FEATURE_GRO_HW] = "rx-gro-hw", [FEATURE_LRO] = "rx-lro", [FEATURE_RX_CTAG] = "rx-vlan-hw-parse",
	[FEATURE_TX_CTAG] = "tx-vlan-hw-insert", [FEATURE_RX_FILTER] = "rx-vlan-filter", [FEATURE_TX_STAG] = "tx-vlan-stag-hw-insert", [FEATURE_NTUPLE] = "rx-ntuple-filter",
};

static int feature_count(const char *interface, uint32_t *ret)
{
	union { struct ethtool_sset_info i; uint8_t bytes[sizeof(struct ethtool_sset_info) + 4]; } s = { .i = { .cmd = ETHTOOL_GSSET_INFO, .sset_mask = 1ULL << ETH_SS_FEATURES } };
	int r = ethtool_call(interface, &s);

	if (r < 0)
		return r;
	memcpy(ret, s.bytes + sizeof(struct ethtool_sset_info), 4);
	return s.i.sset_mask && *ret <= FEATURES_MAX ? 0 : -EOPNOTSUPP;
}

static bool feature_is(const char *have, const char *want)
{
	return endswith(want, "-") ? strncmp(have, want, strlen(want)) == 0 : strncmp(have, want, ETH_GSTRING_LEN) == 0;
}

static int apply_features(const char *interface, const struct link_file *f)
{
	_cleanup_(freep) struct ethtool_gstrings *strings = NULL;
	_cleanup_(freep) struct ethtool_sfeatures *set = NULL;
	uint32_t n;
	bool any = false;
	int r;

	for (size_t i = 0; i < N_LINK_FEATURES; i++)
		any |= f->features[i] >= 0;
	r = any ? feature_count(interface, &n) : 0;
	if (r < 0 || !any)
		return r;
	strings = calloc(1, sizeof(*strings) + (size_t)n * ETH_GSTRING_LEN);
	set = calloc(1, sizeof(*set) + ((size_t)n + 31) / 32 * sizeof(set->features[0]));
	if (!strings || !set)
		return -ENOMEM;
	*strings = (struct ethtool_gstrings){ .cmd = ETHTOOL_GSTRINGS, .string_set = ETH_SS_FEATURES, .len = n };
	r = ethtool_call(interface, strings);
	for (size_t i = 0; i < N_LINK_FEATURES && r == 0; i++) {
		bool found = f->features[i] < 0;

		for (uint32_t j = 0; j < n && f->features[i] >= 0; j++) {
			if (!feature_is((const char *)strings->data + (size_t)j * ETH_GSTRING_LEN, feature_names[i]))
				continue;
			found = true;
			set->features[j / 32].valid |= 1u << j % 32;
			set->features[j / 32].requested |= f->features[i] ? 1u << j % 32 : 0;
		}
		r = found ? 0 : -EOPNOTSUPP;
	}
	set->cmd = ETHTOOL_SFEATURES;
	set->size = (n + 31) / 32;
	if (r == 0)
		r = ethtool_call(interface, set);
	return r;
}

/* 1: something is to be changed */
static int take_counts(const struct counted *c, size_t n)
{
	int changed = 0;

	for (size_t i = 0; i < n; i++) {
		uint32_t v = c[i].want->max ? c[i].max : (uint32_t)c[i].want->v;

		if (!c[i].want->set || *c[i].have == v)
			continue;
		*c[i].have = v;
		changed = 1;
	}
	return changed;
}

static bool any_set(const struct link_number *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (v[i].set)
			return true;
	return false;
}

static int apply_channels(const char *interface, const struct link_file *f)
{
	struct ethtool_channels c = { .cmd = ETHTOOL_GCHANNELS };
	int r = any_set(f->channels, N_LINK_CHANNELS) ? ethtool_call(interface, &c) : -ENODATA;
	const struct counted counts[] = {
		{ &f->channels[CHANNEL_RX], &c.rx_count, c.max_rx }, { &f->channels[CHANNEL_TX], &c.tx_count, c.max_tx },
		{ &f->channels[CHANNEL_OTHER], &c.other_count, c.max_other }, { &f->channels[CHANNEL_COMBINED], &c.combined_count, c.max_combined },
	};

	if (r < 0)
		return r == -ENODATA ? 0 : r;
	c.cmd = ETHTOOL_SCHANNELS;
	return take_counts(counts, ARRAY_SIZE(counts)) ? ethtool_call(interface, &c) : 0;
}

static int apply_rings(const char *interface, const struct link_file *f)
{
	struct ethtool_ringparam p = { .cmd = ETHTOOL_GRINGPARAM };
	int r = any_set(f->rings, N_LINK_RINGS) ? ethtool_call(interface, &p) : -ENODATA;
	const struct counted counts[] = {
		{ &f->rings[RING_RX], &p.rx_pending, p.rx_max_pending }, { &f->rings[RING_RX_MINI], &p.rx_mini_pending, p.rx_mini_max_pending },
		{ &f->rings[RING_RX_JUMBO], &p.rx_jumbo_pending, p.rx_jumbo_max_pending }, { &f->rings[RING_TX], &p.tx_pending, p.tx_max_pending },
	};

	if (r < 0)
		return r == -ENODATA ? 0 : r;
	p.cmd = ETHTOOL_SRINGPARAM;
	return take_counts(counts, ARRAY_SIZE(counts)) ? ethtool_call(interface, &p) : 0;
}

static int apply_pause(const char *interface, const struct link_file *f)
{
	struct ethtool_pauseparam p = { .cmd = ETHTOOL_GPAUSEPARAM };
	const struct { int want; uint32_t *have; } rows[] = { { f->rx_pause, &p.rx_pause }, { f->tx_pause, &p.tx_pause }, { f->auto_pause, &p.autoneg } };
	bool changed = false;
	int r;

	if (f->rx_pause < 0 && f->tx_pause < 0 && f->auto_pause < 0)
		return 0;
	r = ethtool_call(interface, &p);
	for (size_t i = 0; i < ARRAY_SIZE(rows) && r == 0; i++) {
		if (rows[i].want < 0 || *rows[i].have == (uint32_t)rows[i].want)
			continue;
		*rows[i].have = (uint32_t)rows[i].want;
		changed = true;
	}
	p.cmd = ETHTOOL_SPAUSEPARAM;
	return r == 0 && changed ? ethtool_call(interface, &p) : r;
}

static int apply_coalesce(const char *interface, const struct link_file *f)
{
	struct ethtool_coalesce c = { .cmd = ETHTOOL_GCOALESCE };
	uint32_t *const have[N_LINK_COALESCE] = {       /* in the order of the keys */
		&c.rx_coalesce_usecs, &c.rx_coalesce_usecs_irq, &c.rx_coalesce_usecs_low, &c.rx_coalesce_usecs_high,
		&c.tx_coalesce_usecs, &c.tx_coalesce_usecs_irq, &c.tx_coalesce_usecs_low, &c.tx_coalesce_usecs_high,
		&c.rx_max_coalesced_frames, &c.rx_max_coalesced_frames_irq, &c.rx_max_coalesced_frames_low, &c.rx_max_coalesced_frames_high,
		&c.tx_max_coalesced_frames, &c.tx_max_coalesced_frames_irq, &c.tx_max_coalesced_frames_low, &c.tx_max_coalesced_frames_high,
		&c.pkt_rate_low, &c.pkt_rate_high, &c.rate_sample_interval, &c.stats_block_coalesce_usecs,
	};
	const struct { int want; uint32_t *have; } adaptive[] = { { f->adaptive_rx, &c.use_adaptive_rx_coalesce }, { f->adaptive_tx, &c.use_adaptive_tx_coalesce } };
	bool changed = false;
	int r;

	if (!any_set(f->coalesce, N_LINK_COALESCE) && f->adaptive_rx < 0 && f->adaptive_tx < 0)
		return 0;
	r = ethtool_call(interface, &c);
	for (size_t i = 0; i < N_LINK_COALESCE && r == 0; i++) {
		struct counted one = { &f->coalesce[i], have[i], 0 };

		changed |= take_counts(&one, 1) > 0;
	}
	for (size_t i = 0; i < ARRAY_SIZE(adaptive) && r == 0; i++) {
		if (adaptive[i].want < 0 || *adaptive[i].have == (uint32_t)adaptive[i].want)
			continue;
		*adaptive[i].have = (uint32_t)adaptive[i].want;
		changed = true;
	}
	c.cmd = ETHTOOL_SCOALESCE;
	return r == 0 && changed ? ethtool_call(interface, &c) : r;
}

void ethtool_apply(const char *interface, const struct link_file *f, void (*complain)(void *data, const char *what, int r), void *data)
{
	static const struct { const char *what; int (*apply)(const char *interface, const struct link_file *f); } steps[] = {
		{ "speed, duplex, port, AutoNegotiation=, Advertise= or MDI=", apply_modes }, { "WakeOnLan=", apply_wol }, { "offloads", apply_features }, { "channels", apply_channels },
		{ "buffer sizes", apply_rings }, { "flow control", apply_pause }, { "coalescing", apply_coalesce },
	};

	for (size_t i = 0; i < ARRAY_SIZE(steps); i++) {
		int r = steps[i].apply(interface, f);

		if (r < 0)
			complain(data, steps[i].what, r);
	}
}
