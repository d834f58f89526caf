/* file.h - one .link file: [Match] and [Link] as they were read; systemd.link(5) of systemd 252 */
#pragma once
#include "diag.h"
#include "util.h"
#include "value.h"

#define HWADDR_BYTES 20                 /* InfiniBand; Ethernet 6, tunnels 4 and 16 */
#define LINK_POLICIES_MAX 8

struct hwaddr { uint8_t n, b[HWADDR_BYTES]; };
int hwaddr_parse(const char *s, struct hwaddr *ret);            /* 0, -EINVAL */

struct hwaddrs { struct hwaddr *v; size_t n; };
struct link_number { bool set, max; uint64_t v; };              /* max: as much as the hardware can */
struct link_flags { bool set; uint64_t v; };
enum link_policy { POLICY_KERNEL, POLICY_KEEP, POLICY_DATABASE, POLICY_ONBOARD, POLICY_SLOT, POLICY_PATH, POLICY_MAC };
struct link_policies { enum link_policy v[LINK_POLICIES_MAX]; size_t n; };
enum link_mac_policy { MAC_NONE, MAC_PERSISTENT, MAC_RANDOM };
enum link_mdi { MDI_STRAIGHT = 1, MDI_CROSSOVER, MDI_AUTO };    /* as the kernel counts them */
enum link_feature {
	FEATURE_RX_CHECKSUM, FEATURE_TX_CHECKSUM, FEATURE_TSO, FEATURE_TSO6, FEATURE_GSO, FEATURE_GRO, FEATURE_GRO_HW, FEATURE_LRO,
	FEATURE_RX_CTAG, FEATURE_TX_CTAG, FEATURE_RX_FILTER, FEATURE_TX_STAG, FEATURE_NTUPLE, N_LINK_FEATURES
};
enum link_channel { CHANNEL_RX, CHANNEL_TX, CHANNEL_OTHER, CHANNEL_COMBINED, N_LINK_CHANNELS };
enum link_ring { RING_RX, RING_RX_MINI, RING_RX_JUMBO, RING_TX, N_LINK_RINGS };
#define N_LINK_COALESCE 20              /* rows of ethtool-set.c, in the order of the keys */
enum link_condition_kind { CONDITION_HOST, CONDITION_VIRTUALIZATION, CONDITION_CMDLINE, CONDITION_KERNEL, CONDITION_CREDENTIAL, CONDITION_ARCHITECTURE, CONDITION_FIRMWARE, N_LINK_CONDITIONS };

struct link_file {
	char *path;
	/* [Match] */
	struct hwaddrs mac, permanent_mac;
	char **id_path, **driver, **type, **kind, **property, **name;   /* a word of a list that begins with "!" has it in front itself */
	char **condition[N_LINK_CONDITIONS];                            /* all must hold */
	/* [Link] */
	char *alias, *description, *new_name, **alternative_names, *wol_password;
	struct link_policies name_policy, alternative_policy;
	int mac_policy;                 /* enum link_mac_policy */
	struct hwaddrs new_mac;         /* one at most */
	struct link_number tx_queues, rx_queues, queue_length, mtu, speed, gso_bytes, gso_segments;
	struct link_number channels[N_LINK_CHANNELS], rings[N_LINK_RINGS], coalesce[N_LINK_COALESCE];
	int features[N_LINK_FEATURES];  /* 1, 0; -1: not said. So all int here but mac_policy */
	int duplex, port, autonegotiation, mdi, rx_pause, tx_pause, auto_pause, adaptive_rx, adaptive_tx;
	struct link_flags wol, advertise;       /* bits of the kernel's WAKE_..., ETHTOOL_LINK_MODE_... */
};

/* one key: parser, field, what it expects; the table makes the report of an unknown one, too */
struct link_key {
	const char *section, *name;
	int (*parse)(const struct link_key *k, const char *value, void *field);  /* 0, -EINVAL, -ENOMEM; NULL: known, not honoured */
	size_t off;
	const void *table;              /* struct key_enum of the words */
	uint64_t min, max;
	unsigned base;                  /* of suffixes K, M, G; 0: none */
	bool may_max;
	const char *expect;
};
extern const struct link_key link_keys[];
extern const size_t n_link_keys;

/**
 * link_file_read() - @path, then drop-ins the files *.conf of NAME.d of all @folders (NULL-terminated; the first that has a name wins), sorted by name
 *
 * Faults go to @sink and the rest counts. 0; -ENODATA: nothing in [Match], reported: the file matches nothing; -errno; -ENOMEM.
 */
int link_file_read(struct link_file **ret, const char *path, char *const *folders, struct diag_sink *sink);
int link_file_parse(struct link_file **ret, const char *path, const char *text, size_t n, struct diag_sink *sink);
void link_file_free(struct link_file *f);
DEFINE_CLEANUP(struct link_file *, link_file_free);

bool link_name_valid(const char *s, size_t max);        /* an interface name of at most @max bytes: 15, alternative 127 */
