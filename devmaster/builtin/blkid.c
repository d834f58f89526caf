/* blkid.c - "blkid [--offset=N] [--hint=TEXT] [--noraid]": file system, RAID and partition of a block device; by libblkid */
#include <blkid/blkid.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include "builtins.h"
#include "gpt-auto.h"
#include "tool.h"
#include "value.h"

#define FLOPPY_BYTES (1440 * 1024)      /* so small a disk has partitions or a file system, and the boot sectors of both look alike */

struct request { const char *offset; char **hints; bool noraid; };
#define AT(f) offsetof(struct request, f)
static const struct option_row rows[] = {
	{ "offset", 'o', OPTION_STRING, "BYTES", AT(offset) }, { "hint", 'H', OPTION_LIST, "TEXT", AT(hints), "" }, { "noraid", 'R', OPTION_FLAG, NULL, AT(noraid) },
};
static const struct option_set options = { rows, ARRAY_SIZE(rows), "blkid" };

/* SAFE: bytes that may stand in a link; ENCODED: those as \x20; BOTH: also NAME_ENC */
static const struct value { const char *name, *key; enum { SAFE, ENCODED, BOTH } how; } values[] = {
	{ "TYPE", "ID_FS_TYPE", SAFE }, { "USAGE", "ID_FS_USAGE", SAFE }, { "VERSION", "ID_FS_VERSION", SAFE },
	{ "UUID", "ID_FS_UUID", BOTH }, { "UUID_SUB", "ID_FS_UUID_SUB", BOTH }, { "LABEL", "ID_FS_LABEL", BOTH },
	{ "PTTYPE", "ID_PART_TABLE_TYPE", SAFE }, { "PTUUID", "ID_PART_TABLE_UUID", SAFE },
	{ "PART_ENTRY_NAME", "ID_PART_ENTRY_NAME", ENCODED }, { "PART_ENTRY_TYPE", "ID_PART_ENTRY_TYPE", ENCODED },
	{ "SYSTEM_ID", "ID_FS_SYSTEM_ID", ENCODED }, { "PUBLISHER_ID", "ID_FS_PUBLISHER_ID", ENCODED }, { "APPLICATION_ID", "ID_FS_APPLICATION_ID", ENCODED },
	{ "BOOT_SYSTEM_ID", "ID_FS_BOOT_SYSTEM_ID", ENCODED }, { "VOLUME_ID", "ID_FS_VOLUME_ID", ENCODED }, { "LOGICAL_VOLUME_ID", "ID_FS_LOGICAL_VOLUME_ID", ENCODED },
	{ "VOLUME_SET_ID", "ID_FS_VOLUME_SET_ID", ENCODED }, { "DATA_PREPARER_ID", "ID_FS_DATA_PREPARER_ID", ENCODED },
};

static int put_value(struct event *e, const char *name, const char *text)
{
	char key[128], safe[256], encoded[256];
	const struct value *v = NULL;
	int r = 0;

	for (size_t i = 0; i < ARRAY_SIZE(values) && !v; i++)
		if (streq(values[i].name, name))
			v = &values[i];
	if (!v && startswith(name, "PART_ENTRY_")) {
		snprintf(key, sizeof(key), "ID_%s", name);
		return device_set(e->dev, key, text, true);
	}
	if (!v)
		return 0;
	if (v->how == SAFE)
		return device_set(e->dev, v->key, text, true);
	if (blkid_encode_string(text, encoded, sizeof(encoded)) < 0 || blkid_safe_string(text, safe, sizeof(safe)) < 0)
		return 0;
	if (v->how == ENCODED)
		return device_set(e->dev, v->key, encoded, true);
	snprintf(key, sizeof(key), "%s_ENC", v->key);
	r = device_set(e->dev, v->key, safe, true);
	return r < 0 ? r : device_set(e->dev, key, encoded, true);
}

/* 0: there may be something; 1: nothing; negative: cannot be read */
static int probe(blkid_probe pr, int fd)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return -errno;
	blkid_probe_enable_partitions(pr, 1);
	if (!S_ISCHR(st.st_mode) && blkid_probe_get_size(pr) <= FLOPPY_BYTES && blkid_probe_is_wholedisk(pr)) {
		int r;

		blkid_probe_enable_superblocks(pr, 0);
		r = blkid_do_fullprobe(pr);
		if (r < 0 || blkid_probe_lookup_value(pr, "PTTYPE", NULL, NULL) == 0)
			return r;
	}
	blkid_probe_set_partitions_flags(pr, BLKID_PARTS_ENTRY_DETAILS);
	blkid_probe_enable_superblocks(pr, 1);
	return blkid_do_safeprobe(pr);
}

static int take_values(struct event *e, blkid_probe pr)
{
	const char *root = device_property(e->dev, "ID_PART_GPT_AUTO_ROOT_UUID"), *name, *text;
	int n = blkid_probe_numof_values(pr), r = 0;
	bool gpt = false;

	for (int i = 0; i < n && r == 0; i++) {
		if (blkid_probe_get_value(pr, i, &name, &text, NULL) < 0)
			continue;
		r = put_value(e, name, text);
		gpt |= streq(name, "PTTYPE") && streq(text, "gpt");
		if (r == 0 && root && streq(name, "PART_ENTRY_UUID") && streq(text, root))
			r = put(e, "ID_PART_GPT_AUTO_ROOT", "1");
	}
	return r == 0 && gpt ? gpt_auto_root(e, pr) : r;
}

static int run(struct event *e, const struct request *q, uint64_t offset)
{
	_cleanup_(closep) int fd = open(e->dev->devname, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	blkid_probe pr = NULL;
	int r = fd < 0 ? -errno : 0;

	if (r < 0)
		return r;
	errno = ENOMEM;
	pr = blkid_new_probe();
	if (!pr)
		return -errno;
	blkid_probe_set_superblocks_flags(pr, BLKID_SUBLKS_LABEL | BLKID_SUBLKS_UUID | BLKID_SUBLKS_TYPE | BLKID_SUBLKS_SECTYPE | BLKID_SUBLKS_USAGE | BLKID_SUBLKS_VERSION);
	if (q->noraid)
		blkid_probe_filter_superblocks_usage(pr, BLKID_FLTR_NOTIN, BLKID_USAGE_RAID);
	errno = 0;
	if (blkid_probe_set_device(pr, fd, (blkid_loff_t)offset, 0) < 0)
		r = errno ? -errno : -ENOMEM;
	for (char **h = q->hints; h && *h && r == 0; h++)
		if (blkid_probe_set_hint(pr, *h, 0) < 0)
			r = -errno;
	if (r == 0) {
		errno = 0;
		r = probe(pr, fd);
		r = r < 0 ? (errno ? -errno : -EIO) : take_values(e, pr);
	}
	blkid_free_probe(pr);
	return r;
}

int builtin_blkid(struct event *e, int argc, char **argv)
{
	struct request q = { 0 };
	uint64_t offset = 0;
	int first, r = tool_options(e, &options, &q, argc, argv, &first);

	if (r == 0 && q.offset && !text_number(q.offset, 0, INT64_MAX, &offset)) {
		diag(e->sink, DIAG_WARNING, e->dev->devpath, 0, 0, "blkid: --offset=%s: expected a number of bytes", q.offset);
		r = -EINVAL;
	}
	if (r == 0)
		r = e->dev->devname ? run(e, &q, offset) : -ENOENT;
	strv_free(q.hints);
	return r;
}
