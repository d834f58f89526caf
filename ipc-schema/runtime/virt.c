/* virt.c - looks for containers (files and PID 1's environment), then for hypervisors (cpuid, SMBIOS, device tree, Xen) */
#include <limits.h>
#include <stdio.h>
#if defined(__x86_64__) || defined(__i386__)
#include <cpuid.h>
#endif
#include "osfile.h"
#include "virt.h"

struct mark { const char *seen, *name; };

static const char *find_mark(const struct mark *marks, size_t n, const char *text)
{
	for (size_t i = 0; i < n; i++)
		if (startswith(text, marks[i].seen))
			return marks[i].name;
	return NULL;
}

/* -- containers -- */
static const char *container_name(const char *word)
{
	static const char *const names[] = { "lxc", "lxc-libvirt", "systemd-nspawn", "docker", "podman", "rkt", "wsl", "proot", "pouch", "openvz" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (streq(names[i], word))
			return names[i];
	return *word ? "container-other" : NULL;
}

static const char *from_environ_of_init(void)
{
	static char text[16384];
	int n = osfile_read("/proc/1/environ", text, sizeof(text));

	for (int i = 0; i < n; i += (int)strlen(text + i) + 1)
		if (startswith(text + i, "container="))
			return container_name(text + i + strlen("container="));
	return NULL;
}

static const char *told;                /* by PID 1, whose environment a process with fewer capabilities cannot read */

void virt_know_container(const char *name)
{
	told = *name ? container_name(name) : NULL;
}

static const char *detect_container(void)
{
	static const char *const notes[] = { "/run/host/container-manager", "/run/systemd/container", "/run/sysmaster/container" };
	char word[64];
	const char *name;

	if (told)
		return told;
	if (access("/proc/vz", F_OK) == 0 && access("/proc/bc", F_OK) < 0)
		return "openvz";
	if (osfile_read("/proc/sys/kernel/osrelease", word, sizeof(word)) > 0 && (strstr(word, "Microsoft") || strstr(word, "WSL")))
		return "wsl";
	for (size_t i = 0; i < ARRAY_SIZE(notes); i++) {
		if (osfile_read(notes[i], word, sizeof(word)) <= 0)
			continue;
		word[strcspn(word, "\n")] = '\0';
		name = container_name(word);
		if (name)
			return name;
	}
	name = from_environ_of_init();
	if (name)
		return name;
	if (access("/run/.containerenv", F_OK) == 0)
		return "podman";
	return access("/.dockerenv", F_OK) == 0 ? "docker" : NULL;
}

/* -- machines -- */
static const char *from_cpuid(bool *hypervisor)
{
#if defined(__x86_64__) || defined(__i386__)
	static const struct mark marks[] = {
		{ "XenVMMXenVMM", "xen" }, { "KVMKVMKVM", "kvm" }, { "Linux KVM Hv", "kvm" }, { "TCGTCGTCGTCG", "qemu" },
		{ "VMwareVMware", "vmware" }, { "Microsoft Hv", "microsoft" }, { "bhyve bhyve ", "bhyve" }, { "QNXQVMBSQG", "qnx" },
		{ "ACRNACRNACRN", "acrn" }, { "SRESRESRESRE", "sre" }, { "Apple VZ", "apple" },
	};
	unsigned a, b, c, d;
	char vendor[13];

	*hypervisor = __get_cpuid(1, &a, &b, &c, &d) && (c & (1u << 31));
	if (!*hypervisor)
		return NULL;
	__cpuid(0x40000000u, a, b, c, d);
	memcpy(vendor, &b, 4);
	memcpy(vendor + 4, &c, 4);
	memcpy(vendor + 8, &d, 4);
	vendor[12] = '\0';
	return find_mark(marks, ARRAY_SIZE(marks), vendor);
#else
	*hypervisor = false;
	return NULL;
#endif
}

static const char *from_smbios(void)
{
	static const char *const files[] = {
		"/sys/class/dmi/id/product_name", "/sys/class/dmi/id/sys_vendor", "/sys/class/dmi/id/board_vendor", "/sys/class/dmi/id/bios_vendor",
		"/sys/class/dmi/id/product_version",
	};
	static const struct mark marks[] = {
		{ "KVM", "kvm" }, { "OpenStack", "kvm" }, { "KubeVirt", "kvm" }, { "Amazon EC2", "amazon" }, { "QEMU", "qemu" },
		{ "VMware", "vmware" }, { "VMW", "vmware" }, { "innotek GmbH", "oracle" }, { "VirtualBox", "oracle" }, { "Oracle Corporation", "oracle" },
		{ "Xen", "xen" }, { "Bochs", "bochs" }, { "Parallels", "parallels" }, { "BHYVE", "bhyve" }, { "Hyper-V", "microsoft" },
		{ "Apple Virtualization", "apple" }, { "Google Compute Engine", "google" },
	};
	char text[128];

	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		const char *name;

		if (osfile_read(files[i], text, sizeof(text)) <= 0)
			continue;
		name = find_mark(marks, ARRAY_SIZE(marks), text);
		if (name)
			return name;
	}
	return NULL;
}

static const char *from_device_tree(void)
{
	char text[128];

	if (osfile_read("/proc/device-tree/hypervisor/compatible", text, sizeof(text)) > 0)
		return streq(text, "linux,kvm") ? "kvm" : strstr(text, "xen") ? "xen" : strstr(text, "vmware") ? "vmware" : "vm-other";
	return access("/proc/device-tree/fw-cfg", F_OK) == 0 ? "qemu" : NULL;
}

/* Xen's control domain is the machine itself as far as units are concerned. */
static bool is_xen_dom0(void)
{
	char text[128];

	return osfile_read("/proc/xen/capabilities", text, sizeof(text)) > 0 && strstr(text, "control_d");
}

static const char *detect_vm(void)
{
	bool hypervisor = false;
	const char *smbios = from_smbios(), *name;
	char text[64];

	/* these name themselves in SMBIOS while cpuid shows what they are built on */
	if (smbios && (streq(smbios, "oracle") || streq(smbios, "amazon") || streq(smbios, "xen") || streq(smbios, "google") || streq(smbios, "parallels")))
		return streq(smbios, "xen") && is_xen_dom0() ? NULL : smbios;
	name = from_cpuid(&hypervisor);
	if (!name && hypervisor)
		name = smbios ? smbios : "vm-other";
	if (!name)
		name = smbios;
	if (!name)
		name = from_device_tree();
	if (!name && access("/proc/xen", F_OK) == 0)
		name = "xen";
	if (!name && osfile_read("/sys/hypervisor/type", text, sizeof(text)) > 0)
		name = startswith(text, "xen") ? "xen" : "vm-other";
	return name && streq(name, "xen") && is_xen_dom0() ? NULL : name;
}

const char *virt_detect(enum virt_class *ret_class)
{
	static enum virt_class class;
	static const char *name;

	if (!name) {
		name = detect_container();
		class = VIRT_CONTAINER;
		if (!name) {
			name = detect_vm();
			class = VIRT_VM;
		}
		if (!name) {
			name = "none";
			class = VIRT_NONE;
		}
	}
	*ret_class = class;
	return name;
}

bool virt_user_namespace(void)
{
	unsigned long inside, outside, count;
	char text[256];

	if (osfile_read("/proc/self/uid_map", text, sizeof(text)) <= 0 || sscanf(text, "%lu %lu %lu", &inside, &outside, &count) != 3)
		return false;
	return inside != 0 || outside != 0 || count != UINT32_MAX;
}
