/* keys.c - every key of systemd.link(5) of 252: section, name, parser, field */
#include <limits.h>
#include <linux/ethtool.h>
#include "keys.h"

static const struct key_enum name_policies[] = {
	{ "kernel", POLICY_KERNEL }, { "keep", POLICY_KEEP }, { "database", POLICY_DATABASE }, { "onboard", POLICY_ONBOARD }, { "slot", POLICY_SLOT }, { "path", POLICY_PATH }, { "mac", POLICY_MAC }, { NULL, 0 },
};
static const struct key_enum mac_policies[] = { { "none", MAC_NONE }, { "persistent", MAC_PERSISTENT }, { "random", MAC_RANDOM }, { NULL, 0 } };
static const struct key_enum duplexes[] = { { "half", DUPLEX_HALF }, { "full", DUPLEX_FULL }, { NULL, 0 } };
static const struct key_enum ports[] = { { "tp", PORT_TP }, { "aui", PORT_AUI }, { "mii", PORT_MII }, { "fibre", PORT_FIBRE }, { "bnc", PORT_BNC }, { NULL, 0 } };
static const struct key_enum mdis[] = {
	{ "straight", MDI_STRAIGHT }, { "mdi", MDI_STRAIGHT }, { "crossover", MDI_CROSSOVER }, { "mdi-x", MDI_CROSSOVER }, { "mdix", MDI_CROSSOVER }, { "auto", MDI_AUTO }, { NULL, 0 },
};
/* numbers of bits */
static const struct key_enum wakes[] = {
	{ "off", -1 }, { "phy", 0 }, { "unicast", 1 }, { "multicast", 2 }, { "broadcast", 3 }, { "arp", 4 }, { "magic", 5 }, { "secureon", 6 }, { NULL, 0 },
};
static const struct key_enum modes[] = {
	{ "10baset-half", ETHTOOL_LINK_MODE_10baseT_Half_BIT }, { "10baset-full", ETHTOOL_LINK_MODE_10baseT_Full_BIT },
	{ "100baset-half", ETHTOOL_LINK_MODE_100baseT_Half_BIT }, { "100baset-full", ETHTOOL_LINK_MODE_100baseT_Full_BIT },
	{ "1000baset-half", ETHTOOL_LINK_MODE_1000baseT_Half_BIT }, { "1000baset-full", ETHTOOL_LINK_MODE_1000baseT_Full_BIT },
	{ "10000baset-full", ETHTOOL_LINK_MODE_10000baseT_Full_BIT }, { "2500basex-full", ETHTOOL_LINK_MODE_2500baseX_Full_BIT },
	{ "1000basekx-full", ETHTOOL_LINK_MODE_1000baseKX_Full_BIT }, { "10000basekx4-full", ETHTOOL_LINK_MODE_10000baseKX4_Full_BIT },
	{ "10000basekr-full", ETHTOOL_LINK_MODE_10000baseKR_Full_BIT }, { "10000baser-fec", ETHTOOL_LINK_MODE_10000baseR_FEC_BIT },
	{ "20000basemld2-full", ETHTOOL_LINK_MODE_20000baseMLD2_Full_BIT }, { "20000basekr2-full", ETHTOOL_LINK_MODE_20000baseKR2_Full_BIT }, { NULL, 0 },
};

#define AT(f) offsetof(struct link_file, f)
#define PATTERNS(key, f) { "Match", key, link_parse_patterns, AT(f), .expect = "words, \"!\" in front turns them round" }
#define CONDITION(key, kind) { "Match", key, link_parse_list, AT(condition[kind]), .expect = "a condition as of systemd.unit(5)" }
#define BOOL(key, f) { "Link", key, link_parse_bool, AT(f), .expect = "a boolean" }
#define NUMBER(key, f, low, high, b, ...) { "Link", key, link_parse_number, AT(f), .min = low, .max = high, .base = b, __VA_ARGS__ }
#define MAYBE_MAX(key, f) NUMBER(key, f, 1, UINT32_MAX, 0, .may_max = true, .expect = "a number from 1 on, or \"max\"")
#define SPAN(key, i) { "Link", key, link_parse_span, AT(coalesce[i]), .max = UINT32_MAX, .base = 1, .expect = "a time span" }
#define FRAMES(key, i) NUMBER(key, coalesce[i], 0, UINT32_MAX, 0, .expect = "a number")
#define NOT_YET(section, key) { section, key, NULL, 0, .expect = "" }

const struct link_key link_keys[] = {
	{ "Match", "MACAddress", link_parse_hwaddrs, AT(mac), .expect = "hardware addresses" },
	{ "Match", "PermanentMACAddress", link_parse_hwaddrs, AT(permanent_mac), .expect = "hardware addresses" },
	PATTERNS("Path", id_path), PATTERNS("Driver", driver), PATTERNS("Type", type), PATTERNS("Kind", kind), PATTERNS("OriginalName", name),
	{ "Match", "Property", link_parse_patterns, AT(property), .base = 1, .expect = "words KEY=VALUE, \"!\" in front turns them round" },
	CONDITION("Host", CONDITION_HOST), CONDITION("Virtualization", CONDITION_VIRTUALIZATION), CONDITION("KernelCommandLine", CONDITION_CMDLINE),
	CONDITION("KernelVersion", CONDITION_KERNEL), CONDITION("Credential", CONDITION_CREDENTIAL), CONDITION("Architecture", CONDITION_ARCHITECTURE),
	CONDITION("Firmware", CONDITION_FIRMWARE),
	{ "Link", "Description", link_parse_string, AT(description), .max = 65536, .expect = "a text" },
	{ "Link", "Alias", link_parse_string, AT(alias), .max = 255, .expect = "a text of at most 255 bytes" },
	{ "Link", "MACAddressPolicy", link_parse_word, AT(mac_policy), mac_policies, .min = 1, .expect = "persistent, random or none" },
	{ "Link", "MACAddress", link_parse_hwaddr, AT(new_mac), .expect = "a hardware address" },
	{ "Link", "NamePolicy", link_parse_policies, AT(name_policy), name_policies, .expect = "words of kernel, keep, database, onboard, slot, path, mac" },
	{ "Link", "Name", link_parse_name, AT(new_name), .max = 15, .expect = "an interface name" },
	{ "Link", "AlternativeNamesPolicy", link_parse_policies, AT(alternative_policy), name_policies + 2, .expect = "words of database, onboard, slot, path, mac" },
	{ "Link", "AlternativeName", link_parse_names, AT(alternative_names), .max = 127, .expect = "interface names of at most 127 bytes" },
	NUMBER("TransmitQueues", tx_queues, 1, 4096, 0, .expect = "a number from 1 to 4096"),
	NUMBER("ReceiveQueues", rx_queues, 1, 4096, 0, .expect = "a number from 1 to 4096"),
	NUMBER("TransmitQueueLength", queue_length, 0, UINT32_MAX - 1, 0, .expect = "a number from 0 to 4294967294"),
	NUMBER("MTUBytes", mtu, 1, INT_MAX, 1024, .expect = "a number of bytes"),
	NUMBER("BitsPerSecond", speed, 1, UINT64_MAX, 1000, .expect = "a number, with K, M or G"),
	{ "Link", "Duplex", link_parse_word, AT(duplex), duplexes, .expect = "half or full" },
	BOOL("AutoNegotiation", autonegotiation),
	{ "Link", "WakeOnLan", link_parse_flags, AT(wol), wakes, .expect = "off, or words of phy, unicast, multicast, broadcast, arp, magic, secureon" },
	{ "Link", "WakeOnLanPassword", link_parse_string, AT(wol_password), .max = 4096, .expect = "six bytes as aa:bb:cc:dd:ee:ff, or the path of a file with them" },
	{ "Link", "Port", link_parse_word, AT(port), ports, .expect = "tp, aui, bnc, mii or fibre" },
	{ "Link", "Advertise", link_parse_flags, AT(advertise), modes, .expect = "words such as 1000baset-full" },
	BOOL("ReceiveChecksumOffload", features[FEATURE_RX_CHECKSUM]), BOOL("TransmitChecksumOffload", features[FEATURE_TX_CHECKSUM]),
	BOOL("TCPSegmentationOffload", features[FEATURE_TSO]), BOOL("TCP6SegmentationOffload", features[FEATURE_TSO6]),
	BOOL("GenericSegmentationOffload", features[FEATURE_GSO]), BOOL("GenericReceiveOffload", features[FEATURE_GRO]),
	BOOL("GenericReceiveOffloadHardware", features[FEATURE_GRO_HW]), BOOL("LargeReceiveOffload", features[FEATURE_LRO]),
	BOOL("ReceiveVLANCTAGHardwareAcceleration", features[FEATURE_RX_CTAG]), BOOL("TransmitVLANCTAGHardwareAcceleration", features[FEATURE_TX_CTAG]),
	BOOL("ReceiveVLANCTAGFilter", features[FEATURE_RX_FILTER]), BOOL("TransmitVLANSTAGHardwareAcceleration", features[FEATURE_TX_STAG]),
	BOOL("NTupleFilter", features[FEATURE_NTUPLE]),
	MAYBE_MAX("RxChannels", channels[CHANNEL_RX]), MAYBE_MAX("TxChannels", channels[CHANNEL_TX]),
	MAYBE_MAX("OtherChannels", channels[CHANNEL_OTHER]), MAYBE_MAX("CombinedChannels", channels[CHANNEL_COMBINED]),
	MAYBE_MAX("RxBufferSize", rings[RING_RX]), MAYBE_MAX("RxMiniBufferSize", rings[RING_RX_MINI]),
	MAYBE_MAX("RxJumboBufferSize", rings[RING_RX_JUMBO]), MAYBE_MAX("TxBufferSize", rings[RING_TX]),
	BOOL("RxFlowControl", rx_pause), BOOL("TxFlowControl", tx_pause), BOOL("AutoNegotiationFlowControl", auto_pause),
	NUMBER("GenericSegmentOffloadMaxBytes", gso_bytes, 1, 65536, 1024, .expect = "a number of bytes up to 65536"),
	NUMBER("GenericSegmentOffloadMaxSegments", gso_segments, 1, 65535, 0, .expect = "a number from 1 to 65535"),
	BOOL("UseAdaptiveRxCoalesce", adaptive_rx), BOOL("UseAdaptiveTxCoalesce", adaptive_tx),
	SPAN("RxCoalesceSec", 0), SPAN("RxCoalesceIrqSec", 1), SPAN("RxCoalesceLowSec", 2), SPAN("RxCoalesceHighSec", 3),
	SPAN("TxCoalesceSec", 4), SPAN("TxCoalesceIrqSec", 5), SPAN("TxCoalesceLowSec", 6), SPAN("TxCoalesceHighSec", 7),
	FRAMES("RxMaxCoalescedFrames", 8), FRAMES("RxMaxCoalescedIrqFrames", 9), FRAMES("RxMaxCoalescedLowFrames", 10), FRAMES("RxMaxCoalescedHighFrames", 11),
	FRAMES("TxMaxCoalescedFrames", 12), FRAMES("TxMaxCoalescedIrqFrames", 13), FRAMES("TxMaxCoalescedLowFrames", 14), FRAMES("TxMaxCoalescedHighFrames", 15),
	FRAMES("CoalescePacketRateLow", 16), FRAMES("CoalescePacketRateHigh", 17),
	{ "Link", "CoalescePacketRateSampleIntervalSec", link_parse_span, AT(coalesce[18]), .min = 1, .max = UINT32_MAX, .base = 1000000, .expect = "a time span above 0" },
	{ "Link", "StatisticsBlockCoalesceSec", link_parse_span, AT(coalesce[19]), .min = 1, .max = UINT32_MAX, .base = 1, .expect = "a time span above 0" },
	{ "Link", "MDI", link_parse_word, AT(mdi), mdis, .expect = "straight, crossover or auto" },
	NOT_YET("Link", "SR-IOVVirtualFunctions"), NOT_YET("SR-IOV", "VirtualFunction"), NOT_YET("SR-IOV", "VLANId"), NOT_YET("SR-IOV", "QualityOfService"),
	NOT_YET("SR-IOV", "VLANProtocol"), NOT_YET("SR-IOV", "MACSpoofCheck"), NOT_YET("SR-IOV", "QueryReceiveSideScaling"), NOT_YET("SR-IOV", "Trust"),
	NOT_YET("SR-IOV", "LinkState"), NOT_YET("SR-IOV", "MACAddress"),
};
const size_t n_link_keys = ARRAY_SIZE(link_keys);
