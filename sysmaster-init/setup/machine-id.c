/* machine-id.c - see machine-id.h */
#include <ctype.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include "common/sys.h"
#include "log.h"
#include "osfile.h"
#include "setup/machine-id.h"
#include "virt.h"

/* 32 hexadecimal digits, with or without dashes, to lower case; not all of them zero */
static bool take(const char *s, char id[MACHINE_ID_TEXT])
{
	size_t n = 0;
	bool any = false;

	for (; *s && *s != '\n'; s++) {
		if (*s == '-')
			continue;
		if (!isxdigit((unsigned char)*s) || n == 32)
			return false;
		any |= *s != '0';
		id[n++] = (char)tolower((unsigned char)*s);
	}
	id[32] = '\n';
	return n == 32 && any;
}

static void make_random(char id[MACHINE_ID_TEXT])
{
	uint8_t b[16];

	random_bytes(b, sizeof(b));
	b[6] = (uint8_t)((b[6] & 0x0f) | 0x40);         /* RFC 4122: version 4 */
	b[8] = (uint8_t)((b[8] & 0x3f) | 0x80);
	for (size_t i = 0; i < sizeof(b); i++)
		snprintf(id + 2 * i, 3, "%02x", b[i]);
	id[32] = '\n';
}

static void make(const char *root, char id[MACHINE_ID_TEXT])
{
	char path[4096], text[64];
	enum virt_class class;

	if (getenv("container_uuid") && take(getenv("container_uuid"), id))
		return;
	snprintf(path, sizeof(path), "%s/sys/class/dmi/id/product_uuid", root);
	virt_detect(&class);
	if (class == VIRT_VM && osfile_read(path, text, sizeof(text)) > 0 && take(text, id))
		return;
	make_random(id);
}

static int write_file(const char *path, const char *text, size_t n, mode_t mode)
{
	_cleanup_(closep) int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY, mode);

	if (fd < 0)
		return -errno;
	return write(fd, text, n) == (ssize_t)n && fchmod(fd, mode) == 0 ? 0 : -EIO;
}

static int keep(const char *root, const char *path, const char id[MACHINE_ID_TEXT])
{
	char shadow[4096];
	int r = write_file(path, id, MACHINE_ID_TEXT, 0444);

	if (r != -EROFS && r != -EACCES && r != -EPERM)
		return r;
	snprintf(shadow, sizeof(shadow), "%s/run/machine-id", root);
	r = write_file(shadow, id, MACHINE_ID_TEXT, 0444);
	if (r == 0)
		r = sys->mount(shadow, path, NULL, MS_BIND, NULL);
	if (r == 0)
		sys->mount(NULL, path, NULL, MS_BIND | MS_REMOUNT | MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL);
	return r;
}

static void mark_first_boot(const char *root)
{
	char path[4096];

	snprintf(path, sizeof(path), "%s/run/sysmaster", root);
	mkdir(path, 0755);
	snprintf(path, sizeof(path), "%s/run/sysmaster/first-boot", root);
	write_file(path, "", 0, 0644);
}

int machine_id_settle(const char *root)
{
	char path[4096], text[64] = "", id[MACHINE_ID_TEXT];
	int n, r;

	snprintf(path, sizeof(path), "%s/etc/machine-id", root);
	n = osfile_read(path, text, sizeof(text));
	if (n >= 0 && take(text, id))
		return 0;
	if (n == -ENOENT || startswith(text, "uninitialized"))
		mark_first_boot(root);
	make(root, id);
	r = keep(root, path, id);
	if (r < 0)
		log_event(LOG_WARNING, "INIT_MACHINE_ID", "the machine cannot be given an id", F_STR("FILE", path), F_ERRNO(r));
	else
		log_event(LOG_NOTICE, "INIT_MACHINE_ID", "the machine has been given an id", F_STR("FILE", path));
	return r < 0 ? r : 1;
}
