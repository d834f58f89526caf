/* gpt-auto.c - see gpt-auto.h; types of partitions: Discoverable Partitions Specification */
#include <limits.h>
#include <stdio.h>
#include "gpt-auto.h"
#include "osfile.h"
#include "tool.h"

#define LOADER "firmware/efi/efivars/LoaderDevicePartUUID-4a67b082-0a4c-41cf-b6c7-440b29bb8c4f"
#define ESP "c12a7328-f81f-11d2-ba4b-00a0c93ec93b"
#define XBOOTLDR "bc13c2ff-59e6-4262-a352-b275fd6f7172"
#define NO_AUTO (1ULL << 63)

static const char root_type[] =
#if defined(__x86_64__)
	"4f68bce3-e8cd-4db1-96e7-fbcaf984b709";
#elif defined(__i386__)
	"44479540-f297-41b2-9af7-d131d5f0458a";
#elif defined(__aarch64__)
	"b921b045-1df0-41c3-af44-4c6f280d3fae";
#elif defined(__arm__)
	"69dad710-2ce4-4e3c-b16c-21a1d49abed3";
#elif defined(__riscv) && __riscv_xlen == 64
	"72ec70a6-cf74-40e6-bd49-4bda08e8f224";
#else
	"";
#endif

/* the variable: four bytes of attributes, then UTF-16 with an end of its own; only ASCII can be in an UUID */
static bool loader_partition(struct event *e, char uuid[64])
{
	uint8_t raw[128];
	char path[PATH_MAX];
	size_t n = 0;
	int len;

	snprintf(path, sizeof(path), "%s/" LOADER, e->dev->sysfs);
	len = osfile_read(path, (char *)raw, sizeof(raw));
	for (int i = 4; i + 1 < len && n + 1 < 64 && raw[i]; i += 2) {
		if (raw[i + 1] || raw[i] > 0x7f)
			return false;
		uuid[n++] = (char)(raw[i] >= 'A' && raw[i] <= 'Z' ? raw[i] + 32 : raw[i]);
	}
	uuid[n] = '\0';
	return n == 36;
}

int gpt_auto_root(struct event *e, blkid_probe pr)
{
	blkid_partlist list = blkid_probe_get_partitions(pr);
	int n = list ? blkid_partlist_numof_partitions(list) : 0;
	const char *root = NULL, *root_name = NULL;
	bool loader_here = false;
	char loader[64];

	if (n <= 0 || !*root_type || !loader_partition(e, loader))
		return 0;
	for (int i = 0; i < n; i++) {
		blkid_partition p = blkid_partlist_get_partition(list, i);
		const char *type = p ? blkid_partition_get_type_string(p) : NULL, *uuid = p ? blkid_partition_get_uuid(p) : NULL;
		const char *name = p ? blkid_partition_get_name(p) : NULL;

		if (!type || !uuid)
			continue;
		if (streq(type, ESP) || streq(type, XBOOTLDR))
			loader_here |= streq(uuid, loader);
		else if (streq(type, root_type) && !(blkid_partition_get_flags(p) & NO_AUTO)) {
			/* of several the newest: names are versions */
			if (!root || strverscmp(name ? name : "", root_name ? root_name : "") > 0) {
				root = uuid;
				root_name = name;
			}
		}
	}
	return loader_here && root ? put(e, "ID_PART_GPT_AUTO_ROOT_UUID", root) : 0;
}
