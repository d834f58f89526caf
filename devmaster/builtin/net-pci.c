/* net-pci.c - see net-pci.h */
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include "net-pci.h"
#include "tool.h"

#define HEADER_TYPE 0x0e                /* of the configuration space; its top bit: many functions */

struct place {
	unsigned scheme;
	struct device *net, *pci;
	const char *port;
	uint64_t dev_port;
	unsigned domain, bus, slot, function;
	bool many;                      /* functions */
};

static void append(char *out, const char *fmt, ...) _printf_(2, 3);
static void append(char *out, const char *fmt, ...)
{
	size_t n = strlen(out);
	va_list ap;

	va_start(ap, fmt);
	if ((size_t)vsnprintf(out + n, NET_NAME_BYTES - n, fmt, ap) >= NET_NAME_BYTES - n)
		out[0] = '\0';
	va_end(ap);
}

static void append_port(const struct place *p, char *out)
{
	if (p->port && *p->port)
		append(out, "n%s", p->port);
	else if (p->dev_port > 0)
		append(out, "d%llu", (unsigned long long)p->dev_port);
}

static bool many_functions(struct device *pci)
{
	_cleanup_(closep) int fd = -1;
	uint8_t config[HEADER_TYPE + 1];
	char path[PATH_MAX];

	if ((size_t)snprintf(path, sizeof(path), "%s/config", pci->path) < sizeof(path))
		fd = open(path, O_RDONLY | O_CLOEXEC);
	return fd >= 0 && read(fd, config, sizeof(config)) == (ssize_t)sizeof(config) && (config[HEADER_TYPE] & 0x80);
}

/* class 06, subclass 04 at the end of "pci:v...sc04i00" */
static bool is_bridge(struct device *d)
{
	const char *alias = device_attr(d, "modalias"), *s = alias ? strrchr(alias, 's') : NULL;

	return s && startswith(alias, "pci:") && startswith(s, "sc04");
}

static void onboard(const struct place *p, struct net_pci *ret)
{
	const char *s = device_attr(p->pci, "acpi_index");
	uint64_t index;

	if (!s)
		s = device_attr(p->pci, "index");               /* SMBIOS, type 41 */
	if (!s || !text_number(s, 0, p->scheme >= 249 ? 65535 : 16383, &index) || (index == 0 && p->scheme < 240))
		return;
	append(ret->onboard, "o%llu", (unsigned long long)index);
	append_port(p, ret->onboard);
	ret->label = device_attr(p->pci, "label");
}

/* number of the hotplug slot whose address is that of @d without its function; 0: none */
static unsigned slot_of(const char *folder, struct device *d)
{
	DIR *dir = opendir(folder);
	struct dirent *entry;
	unsigned found = 0;

	while (dir && !found && (entry = readdir(dir))) {
		char name[NAME_MAX + 32];
		struct device slots = { .arena = d->arena, .path = folder };
		const char *address;
		uint64_t number;

		if (!text_number(entry->d_name, 10, UINT32_MAX, &number) || number == 0)
			continue;
		snprintf(name, sizeof(name), "%s/address", entry->d_name);
		address = device_attr(&slots, name);
		if (address && *address && startswith(d->sysname, address))
			found = (unsigned)number;
	}
	if (dir)
		closedir(dir);
	return found;
}

/* s390: the slot is named by the function. 1 found; -ENOENT: it should be there and is not; 0: no such device */
static int slot_by_function(const struct place *p, const char *folder, struct device *d, unsigned *ret)
{
	char path[PATH_MAX];
	uint64_t id;

	if (p->scheme < 249 || !device_attr(d, "function_id"))
		return 0;
	if (!attr_number(d, "function_id", 0, UINT32_MAX, &id) || id == 0 ||
	    (size_t)snprintf(path, sizeof(path), "%s/%08llx", folder, (unsigned long long)id) >= sizeof(path) || access(path, F_OK) < 0)
		return -ENOENT;
	*ret = (unsigned)id;
	return 1;
}

/* the slot of the device or of the nearest bridge above that has one; *@domain: 0 where it is no part of the name. 0: none to be used */
static unsigned find_slot(const struct place *p, unsigned *domain)
{
	char folder[PATH_MAX];

	if ((size_t)snprintf(folder, sizeof(folder), "%s/bus/pci/slots", p->pci->sysfs) >= sizeof(folder))
		return 0;
	for (struct device *d = p->pci; d; d = parent_of(d, "pci", NULL)) {
		unsigned slot = 0;
		int r = slot_by_function(p, folder, d, &slot);

		if (r < 0)
			return 0;
		if (r > 0) {
			*domain = 0;
			return slot;
		}
		slot = slot_of(folder, d);
		if (!slot)
			continue;
		/* several devices may hang on a bridge: only the number of the function would tell them apart */
		if (p->scheme >= 247 && is_bridge(d) && !(p->scheme >= 251 && p->many))
			return 0;
		return slot;
	}
	return 0;
}

static void append_place(const struct place *p, char *out, unsigned domain, const char *fmt, unsigned a, unsigned b)
{
	if (domain > 0)
		append(out, "P%u", domain);
	append(out, fmt, a, b);
	if (p->function > 0 || p->many)
		append(out, "f%u", p->function);
	append_port(p, out);
}

void net_pci(struct net_pci *ret, unsigned scheme, struct device *net, struct device *pci, const char *port, bool infiniband)
{
	struct place p = { .scheme = scheme, .net = net, .pci = pci, .port = port, .many = many_functions(pci) };
	unsigned slot, domain;

	*ret = (struct net_pci){ 0 };
	attr_number(net, "dev_port", 10, UINT32_MAX, &p.dev_port);
	onboard(&p, ret);
	if (sscanf(pci->sysname, "%x:%x:%x.%u", &p.domain, &p.bus, &p.slot, &p.function) != 4)
		return;
	if (scheme >= 239 && streq0(device_attr(pci, "ari_enabled"), "1"))
		p.function += p.slot * 8;                       /* then slot and function are one number */
	if (p.dev_port == 0 && infiniband)
		attr_number(net, "dev_id", 0, UINT32_MAX, &p.dev_port); /* older kernels have it there */
	append_place(&p, ret->path, p.domain, "p%us%u", p.bus, p.slot);
	domain = p.domain;
	slot = find_slot(&p, &domain);
	if (slot)
		append_place(&p, ret->slot, domain, "s%u", slot, 0);
}
