/*
 * images.c - RootImage=, MountImages=, ExtensionImages=: a file system in a file or on a block device
 *
 * An image is one file system, or a GPT disk whose root partition (the type of this architecture in the Discoverable Partitions
 * Specification, else the only one of Linux data) is taken. Verity, LUKS and further partitions are not for us: core refuses their keys.
 */
#include <endian.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/loop.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include "mounts.h"

int mount(const char *source, const char *target, const char *type, unsigned long flags, const void *data);    /* see mount-apply.c */

#define LOOP_TRIES 20                   /* somebody else may take the free device first */
#define ENTRIES_MAX 128

bool wants_images(const struct ipc_exec_settings *s) { return s->root_image || s->n_mount_images || s->n_extension_images; }

/* ---- what is in it ---- */

static const struct magic { const char *type; off_t at; const char *bytes; size_t n; } magics[] = {
	{ "ext4", 0x438, "\x53\xef", 2 }, { "squashfs", 0, "hsqs", 4 }, { "erofs", 1024, "\xe2\xe1\xf5\xe0", 4 }, { "xfs", 0, "XFSB", 4 },
	{ "btrfs", 0x10040, "_BHRfS_M", 8 }, { "vfat", 0x36, "FAT1", 4 }, { "vfat", 0x52, "FAT32", 5 }, { "iso9660", 0x8001, "CD001", 5 },
};

static const char *fs_type(int fd, off_t start)
{
	char have[8];

	for (size_t i = 0; i < ARRAY_SIZE(magics); i++)
		if (pread(fd, have, magics[i].n, start + magics[i].at) == (ssize_t)magics[i].n && memcmp(have, magics[i].bytes, magics[i].n) == 0)
			return magics[i].type;
	return NULL;
}

struct gpt_entry { uint8_t type[16], id[16]; uint64_t first, last, flags; uint16_t name[36]; };

static const uint8_t root_type[16] =
#if defined(__x86_64__)
	{ 0xe3, 0xbc, 0x68, 0x4f, 0xcd, 0xe8, 0xb1, 0x4d, 0x96, 0xe7, 0xfb, 0xca, 0xf9, 0x84, 0xb7, 0x09 };
#elif defined(__aarch64__)
	{ 0x45, 0xb0, 0x21, 0xb9, 0xf0, 0x1d, 0xc3, 0x41, 0xaf, 0x44, 0x4c, 0x6f, 0x28, 0x0d, 0x3f, 0xae };
#else
	{ 0 };                          /* none known: the only data partition it is */
#endif
static const uint8_t data_type[16] = { 0xaf, 0x3d, 0xc6, 0x0f, 0x83, 0x84, 0x72, 0x47, 0x8e, 0x79, 0x3d, 0x69, 0xd8, 0x47, 0x7d, 0xe4 };

/* where the root partition lies. -ENXIO: none, or the disk is no GPT; -ENOTUNIQ: more than one */
static int find_root(int fd, uint64_t *start, uint64_t *size)
{
	struct { char sig[8]; uint32_t revision, header_size, crc, zero; uint64_t self, other, first, last; uint8_t id[16]; uint64_t entries; uint32_t n, entry_size; } h;
	struct gpt_entry e, data = { .first = 0 }, root = { .first = 0 };
	unsigned n_data = 0;

	if (pread(fd, &h, sizeof(h), 512) != (ssize_t)sizeof(h) || memcmp(h.sig, "EFI PART", 8) != 0 || le32toh(h.entry_size) < sizeof(e))
		return -ENXIO;
	for (uint32_t i = 0; i < MIN(le32toh(h.n), (uint32_t)ENTRIES_MAX); i++) {
		if (pread(fd, &e, sizeof(e), (off_t)(le64toh(h.entries) * 512 + (uint64_t)i * le32toh(h.entry_size))) != (ssize_t)sizeof(e))
			return -EIO;
		if (memcmp(e.type, root_type, 16) == 0 && !root.first)
			root = e;
		if (memcmp(e.type, data_type, 16) == 0 && n_data++ == 0)
			data = e;
	}
	if (!root.first && n_data > 1)
		return -ENOTUNIQ;
	if (!root.first)
		root = data;
	if (!root.first || le64toh(root.last) < le64toh(root.first))
		return -ENXIO;
	*start = le64toh(root.first) * 512;
	*size = (le64toh(root.last) - le64toh(root.first) + 1) * 512;
	return 0;
}

/* ---- the loop device; it goes away with the mount ---- */

static int attach(int image, uint64_t start, uint64_t size, bool read_only, char path[32])
{
	struct loop_config c = { .fd = (uint32_t)image, .info = { .lo_offset = start, .lo_sizelimit = size, .lo_flags = LO_FLAGS_AUTOCLEAR | (read_only ? LO_FLAGS_READ_ONLY : 0) } };
	_cleanup_(closep) int control = open("/dev/loop-control", O_RDWR | O_CLOEXEC);

	if (control < 0)
		return -errno;
	for (int i = 0; i < LOOP_TRIES; i++) {
		int n = ioctl(control, LOOP_CTL_GET_FREE), fd;

		if (n < 0)
			return -errno;
		snprintf(path, 32, "/dev/loop%d", n);
		fd = open(path, (read_only ? O_RDONLY : O_RDWR) | O_CLOEXEC);
		if (fd >= 0 && ioctl(fd, LOOP_CONFIGURE, &c) == 0)
			return fd;
		if (fd >= 0 && errno != EBUSY) {
			int e = -errno;

			close(fd);
			return e;
		}
		closep(&fd);
		usleep(1000);
	}
	return -EBUSY;
}

int image_mount(const char *image, const char *target, const char *options)
{
	unsigned long flags = MS_NODEV;         /* an image's devices are nobody's, unless "dev" says so */
	const char *data = mount_options(options, &flags), *type;
	bool read_only = flags & MS_RDONLY;
	_cleanup_(closep) int fd = open(image, (read_only ? O_RDONLY : O_RDWR) | O_CLOEXEC | O_NOCTTY), loop = -1;
	uint64_t start = 0, size = 0;
	struct stat st;
	char path[32];
	int e;

	if (fd < 0 && (errno == EROFS || errno == EACCES)) {
		read_only = true;
		fd = open(image, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	}
	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode) && !S_ISBLK(st.st_mode))
		return -ENOTBLK;
	type = fs_type(fd, 0);
	if (!type && (e = find_root(fd, &start, &size)) < 0)
		return e;
	type = type ? type : fs_type(fd, (off_t)start);
	if (!type)
		return -EUCLEAN;
	read_only |= streq(type, "squashfs") || streq(type, "erofs") || streq(type, "iso9660");
	if (S_ISBLK(st.st_mode) && !start)
		return mount(image, target, type, flags | (read_only ? MS_RDONLY : 0), data) < 0 ? -errno : 0;
	loop = attach(fd, start, size, read_only, path);
	if (loop < 0)
		return loop;
	return mount(path, target, type, flags | (read_only ? MS_RDONLY : 0), data) < 0 ? -errno : 0;
}
