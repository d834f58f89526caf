/* condition-machine.c - conditions on the machine: processor, memory, firmware, power, security modules; systemd.unit(5) */
#include <ctype.h>
#include <dirent.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <strings.h>
#include <sys/sysinfo.h>
#include "arch.h"
#include "unit/checks.h"
#include "osfile.h"
#include "unit/unit.h"
#include "virt.h"

int check_Architecture(const char *parameter, const struct unit *u)
{
	const char *native = arch_native();

	if (streq(parameter, "native"))
		return 1;               /* the kernel runs this very program */
	if (!arch_known(parameter))
		return -EINVAL;
	return streq0(native, parameter);
}

int check_Virtualization(const char *parameter, const struct unit *u)
{
	enum virt_class class;
	const char *name;
	bool b;

	if (streq(parameter, "private-users"))
		return virt_user_namespace();
	name = virt_detect(&class);
	if (value_bool(parameter, &b) == 0)
		return b == (class != VIRT_NONE);
	if (streq(parameter, "vm"))
		return class == VIRT_VM;
	if (streq(parameter, "container"))
		return class == VIRT_CONTAINER;
	return class != VIRT_NONE && streq(name, parameter);
}

/* "[operator]value"; without one, at least that much */
static enum check_order order_of(const char **p)
{
	enum check_order o;

	*p += strspn(*p, " \t");
	o = check_order(p, false);
	*p += strspn(*p, " \t");
	return o == ORDER_NONE ? ORDER_GE : o;
}

int check_Memory(const char *parameter, const struct unit *u)
{
	enum check_order o = order_of(&parameter);
	uint64_t want, have, limit;
	struct sysinfo si;
	char text[64];

	if (value_size(parameter, &want) < 0)
		return -EINVAL;
	if (sysinfo(&si) < 0)
		return -errno;
	have = (uint64_t)si.totalram * si.mem_unit;
	if (osfile_read("/sys/fs/cgroup/memory.max", text, sizeof(text)) > 0) {         /* a container's share */
		text[strcspn(text, "\n")] = '\0';
		if (value_unsigned(text, UINT64_MAX, &limit) == 0 && limit < have)
			have = limit;
	}
	return check_number(o, have, want);
}

int check_CPUs(const char *parameter, const struct unit *u)
{
	enum check_order o = order_of(&parameter);
	uint64_t want;
	cpu_set_t set;

	if (value_unsigned(parameter, UINT_MAX, &want) < 0)
		return -EINVAL;
	if (sched_getaffinity(0, sizeof(set), &set) < 0)
		return -errno;
	return check_number(o, (uint64_t)CPU_COUNT(&set), want);
}

/* The kernel names most features as cpuid's documents do; these two it does not. */
int check_CPUFeature(const char *parameter, const struct unit *u)
{
	const char *word = streq(parameter, "fma3") ? "fma" : streq(parameter, "osxsave") ? "xsave" : parameter;
	_cleanup_(freep) char *text = malloc(16384);
	size_t n = strlen(word);
	char *flags;

	if (!text)
		return -ENOMEM;
	if (osfile_read("/proc/cpuinfo", text, 16384) < 0)
		return -errno;
	flags = strstr(text, "\nflags");
	if (!flags || n == 0)
		return 0;
	flags = strchr(flags + 1, ':');
	if (!flags)
		return 0;
	flags[strcspn(flags, "\n")] = '\0';
	for (char *p = flags; (p = strstr(p, word)); p += n)
		if (p[-1] == ' ' && (p[n] == ' ' || !p[n]))
			return 1;
	return 0;
}

/* -- firmware -- */
static bool device_tree_has(const char *value)
{
	char text[1024];
	int n = osfile_read("/proc/device-tree/compatible", text, sizeof(text));

	for (int i = 0; i < n; i += (int)strlen(text + i) + 1)
		if (streq(text + i, value))
			return true;
	return false;
}

/* "field operator value", the value perhaps quoted */
static int smbios_field(const char *expression)
{
	char path[PATH_MAX], have[256];
	size_t n = strspn(expression, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_");
	_cleanup_(freep) char *want = NULL;
	const char *p = expression + n;
	enum check_order o;
	int r;

	p += strspn(p, " \t");
	o = check_order(&p, true);
	if (n == 0 || o == ORDER_NONE)
		return -EINVAL;
	r = value_word(&p, false, &want);
	if (r < 0 || *p)
		return -EINVAL;
	snprintf(path, sizeof(path), "/sys/class/dmi/id/%.*s", (int)MIN(n, (size_t)64), expression);
	r = osfile_read(path, have, sizeof(have));
	if (r < 0)
		return r == -ENOENT ? 0 : r;
	while (r > 0 && isspace((unsigned char)have[r - 1]))
		have[--r] = '\0';
	return check_text(o, have, want ? want : "");
}

/* the text within NAME(...), or NULL */
static char *argument_of(const char *text, const char *name)
{
	size_t n = strlen(name), m = strlen(text);

	if (m < n + 2 || !startswith(text, name) || text[n] != '(' || text[m - 1] != ')')
		return NULL;
	return strndup(text + n + 1, m - n - 2);
}

int check_Firmware(const char *parameter, const struct unit *u)
{
	_cleanup_(freep) char *compatible = argument_of(parameter, "device-tree-compatible");
	_cleanup_(freep) char *field = argument_of(parameter, "smbios-field");

	if (streq(parameter, "uefi"))
		return access("/sys/firmware/efi", F_OK) == 0;
	if (streq(parameter, "device-tree"))
		return access("/sys/firmware/devicetree", F_OK) == 0;
	if (compatible)
		return device_tree_has(compatible);
	return field ? smbios_field(field) : -EINVAL;
}

/* -- power -- */
static bool supply_is(const char *name, const char *attribute, const char *value)
{
	char path[PATH_MAX], text[32];

	snprintf(path, sizeof(path), "/sys/class/power_supply/%s/%s", name, attribute);
	if (osfile_read(path, text, sizeof(text)) <= 0)
		return false;
	text[strcspn(text, "\n")] = '\0';
	return streq(text, value);
}

/* Mains or USB supplies that are on; with none known at all, a battery that discharges says no. */
static bool on_ac_power(void)
{
	bool online = false, offline = false, discharging = false;
	DIR *d = opendir("/sys/class/power_supply");
	struct dirent *de;

	while (d && (de = readdir(d))) {
		if (de->d_name[0] == '.' || supply_is(de->d_name, "scope", "Device"))
			continue;
		if (supply_is(de->d_name, "type", "Mains") || supply_is(de->d_name, "type", "USB")) {
			if (supply_is(de->d_name, "online", "0"))
				offline = true;
			else
				online = true;
		} else if (supply_is(de->d_name, "type", "Battery") && supply_is(de->d_name, "status", "Discharging")) {
			discharging = true;
		}
	}
	if (d)
		closedir(d);
	return online || (!offline && !discharging);
}

int check_ACPower(const char *parameter, const struct unit *u)
{
	bool want;

	if (value_bool(parameter, &want) < 0)
		return -EINVAL;
	return on_ac_power() == want;
}

/* -- security -- */
static bool kernel_says(const char *path, char yes)
{
	char text[16];

	return osfile_read(path, text, sizeof(text)) > 0 && text[0] == yes;
}

static bool secure_boot(void)
{
	char v[8];
	/* four bytes of attributes, then the value */
	int n = osfile_read("/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c", v, sizeof(v));

	return n >= 5 && v[4] == 1;
}

static bool audit_in_use(void)
{
	char text[32];

	/* the kernel was built with auditing: it numbers sessions */
	return osfile_read("/proc/self/sessionid", text, sizeof(text)) > 0 && access("/proc/self/loginuid", F_OK) == 0;
}

static bool has_tpm2(void)
{
	DIR *d = opendir("/sys/class/tpmrm");
	struct dirent *de;
	bool found = false;

	while (d && !found && (de = readdir(d)))
		found = startswith(de->d_name, "tpmrm");
	if (d)
		closedir(d);
	return found;
}

int check_Security(const char *parameter, const struct unit *u)
{
	if (streq(parameter, "selinux"))
		return access("/sys/fs/selinux/enforce", F_OK) == 0;
	if (streq(parameter, "smack"))
		return access("/sys/fs/smackfs/", F_OK) == 0;
	if (streq(parameter, "apparmor"))
		return kernel_says("/sys/module/apparmor/parameters/enabled", 'Y');
	if (streq(parameter, "tomoyo"))
		return access("/sys/kernel/security/tomoyo/version", F_OK) == 0;
	if (streq(parameter, "ima"))
		return access("/sys/kernel/security/ima/", F_OK) == 0;
	if (streq(parameter, "audit"))
		return audit_in_use();
	if (streq(parameter, "uefi-secureboot"))
		return secure_boot();
	if (streq(parameter, "tpm2"))
		return has_tpm2();
	return 0;                       /* a technology nobody knows is not in use */
}

static const char *const capabilities[] = {     /* capabilities(7), by number */
	"chown", "dac_override", "dac_read_search", "fowner", "fsetid", "kill", "setgid", "setuid", "setpcap", "linux_immutable",
	"net_bind_service", "net_broadcast", "net_admin", "net_raw", "ipc_lock", "ipc_owner", "sys_module", "sys_rawio", "sys_chroot",
	"sys_ptrace", "sys_pacct", "sys_admin", "sys_boot", "sys_nice", "sys_resource", "sys_time", "sys_tty_config", "mknod", "lease",
	"audit_write", "audit_control", "setfcap", "mac_override", "mac_admin", "syslog", "wake_alarm", "block_suspend", "audit_read",
	"perfmon", "bpf", "checkpoint_restore",
};

/* PID 1's bounding set: core drops what it does not need for itself, services get theirs from PID 1 */
int check_Capability(const char *parameter, const struct unit *u)
{
	unsigned long long set;
	char text[4096], *p;

	if (strncasecmp(parameter, "cap_", 4) != 0)
		return -EINVAL;
	if (osfile_read("/proc/1/status", text, sizeof(text)) < 0 && osfile_read("/proc/self/status", text, sizeof(text)) < 0)
		return -EIO;
	p = strstr(text, "\nCapBnd:");
	if (!p || sscanf(p, "\nCapBnd: %llx", &set) != 1)
		return -EIO;
	for (size_t i = 0; i < ARRAY_SIZE(capabilities); i++)
		if (strcasecmp(capabilities[i], parameter + 4) == 0)
			return (int)(set >> i & 1);
	return -EINVAL;
}
