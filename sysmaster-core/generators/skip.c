/*
 * skip.c - when systemd's own generators (252) have nothing to do
 *
 * Each of them looks at a file or at words of the kernel command line and writes nothing when none is there. The same look costs a
 * system call here and a process there. What is not in the table is run.
 */
#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include "generators/plan.h"
#include "osfile.h"
#include "virt.h"

#define CMDLINE_MAX 8192

static bool there(const char *root, const char *path)
{
	char full[PATH_MAX];
	struct stat st;

	return snprintf(full, sizeof(full), "%s%s", root, path) < (int)sizeof(full) && lstat(full, &st) == 0;
}

/* anywhere, also within a word: more than the generator would take is no harm */
static bool on_cmdline(const char *root, const char *text)
{
	char path[PATH_MAX], line[CMDLINE_MAX];
	enum virt_class class;
	bool container = (virt_detect(&class), class == VIRT_CONTAINER);
	int n;

	snprintf(path, sizeof(path), "%s%s", root, container ? "/proc/1/cmdline" : "/proc/cmdline");
	n = osfile_read(path, line, sizeof(line));
	for (int i = 0; i < n - 1; i++)
		if (!line[i])
			line[i] = ' ';
	return n < 0 || strstr(line, text);             /* what cannot be read may say anything */
}

static bool in_initrd(const char *root) { return there(root, "/etc/initrd-release"); }

static bool always(const char *root) { return true; }
static bool not_initrd(const char *root) { return !in_initrd(root); }
static bool no_crypttab(const char *root) { return !there(root, "/etc/crypttab") && !on_cmdline(root, "luks"); }
static bool no_veritytab(const char *root) { return !there(root, "/etc/veritytab") && !on_cmdline(root, "verity") && !on_cmdline(root, "hash="); }
static bool no_integritytab(const char *root) { return !there(root, "/etc/integritytab") && !on_cmdline(root, "integrity"); }
static bool no_words(const char *root) { return !on_cmdline(root, "systemd.") && !in_initrd(root); }
static bool no_run(const char *root) { return !on_cmdline(root, "systemd.run"); }
static bool no_update(const char *root) { return !there(root, "/system-update") && !there(root, "/etc/system-update"); }
static bool no_boot_count(const char *root) { return !there(root, "/sys/firmware/efi/efivars/LoaderBootCountPath-4a67b082-0a4c-41cf-b6c7-440b29bb8c4f"); }

static bool no_rc_local(const char *root)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/etc/rc.local", root);
	return access(path, X_OK) < 0;
}

static bool block_has(dev_t dev, const char *what)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "/sys/dev/block/%u:%u/%s", major(dev), minor(dev), what);
	return access(path, F_OK) == 0;
}

/* the table of partitions that is looked at is that of the disk on which a partition holds the root file system */
static bool no_partition(const char *root)
{
	enum virt_class class;
	struct stat st;

	virt_detect(&class);
	if (class == VIRT_CONTAINER)
		return true;
	if (*root || in_initrd(root) || on_cmdline(root, "gpt") || stat("/", &st) < 0 || major(st.st_dev) == 0)
		return false;                           /* no simple block device: the generator knows more */
	return block_has(st.st_dev, "size") && !block_has(st.st_dev, "partition") && !block_has(st.st_dev, "dm") && !block_has(st.st_dev, "md");
}

/* a script of which there is a native unit is left alone */
static bool has_unit(const char *root, const char *script)
{
	static const char *const dirs[] = { "/etc/sysmaster/system", "/etc/systemd/system", "/run/systemd/system", "/usr/local/lib/systemd/system", "/usr/lib/systemd/system", "/lib/systemd/system" };
	size_t n = strlen(script) - (endswith(script, ".sh") ? 3 : 0);
	char path[PATH_MAX];

	for (size_t i = 0; i < ARRAY_SIZE(dirs); i++) {
		snprintf(path, sizeof(path), "%s/%.*s.service", dirs[i], (int)n, script);
		if (there(root, path))
			return true;
	}
	return false;
}

static bool no_scripts(const char *root)
{
	char path[PATH_MAX];
	const struct dirent *de;
	bool none = true;
	struct stat st;
	DIR *d;

	snprintf(path, sizeof(path), "%s/etc/init.d", root);
	d = opendir(path);
	while (d && none && (de = readdir(d)))
		if (de->d_name[0] != '.' && fstatat(dirfd(d), de->d_name, &st, 0) == 0 && S_ISREG(st.st_mode) && (st.st_mode & S_IXUSR))
			none = has_unit(root, de->d_name);
	if (d)
		closedir(d);
	return none;
}

static const struct { const char *name; bool (*idle)(const char *root); const char *why; } rows[] = {
	{ "systemd-bless-boot-generator", no_boot_count, "the boot loader counts no attempts" },
	{ "systemd-cryptsetup-generator", no_crypttab, "no /etc/crypttab, and no luks on the kernel command line" },
	{ "systemd-debug-generator", no_words, "nothing of systemd on the kernel command line" },
	{ "systemd-fstab-generator", always, "core makes units of /etc/fstab itself" },
	{ "systemd-gpt-auto-generator", no_partition, "the root file system lies on no partition" },
	{ "systemd-hibernate-resume-generator", not_initrd, "works in an initrd only" },
	{ "systemd-integritysetup-generator", no_integritytab, "no /etc/integritytab" },
	{ "systemd-rc-local-generator", no_rc_local, "no executable /etc/rc.local" },
	{ "systemd-run-generator", no_run, "no systemd.run on the kernel command line" },
	{ "systemd-system-update-generator", no_update, "no /system-update" },
	{ "systemd-sysv-generator", no_scripts, "no script in /etc/init.d is without a unit" },
	{ "systemd-veritysetup-generator", no_veritytab, "no /etc/veritytab, and no verity on the kernel command line" },
};

const char *skip_reason(const char *name, const char *root)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (streq(rows[i].name, name))
			return rows[i].idle(root) ? rows[i].why : NULL;
	return NULL;
}
