/*
 * path-id.c - ID_PATH: where a device hangs, bus by bus from the outside in
 *
 * The chain of parents is walked upwards; each bus puts its word in front. A path counts only when something in the chain has a place
 * that does not change (a PCI slot ...), and for block devices, when the way to the disk is known, too.
 */
#include <dirent.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include "builtins.h"
#include "tool.h"

#define PATH_BYTES 1024

struct path {
	struct event *e;
	char text[PATH_BYTES], compat[PATH_BYTES];      /* compat: as before ATA had master and slave in it; "": the same */
	bool placed, transport;
};

struct scsi { unsigned host, bus, target, lun; };

static void front(char text[PATH_BYTES], const char *word)
{
	char old[PATH_BYTES];

	snprintf(old, sizeof(old), "%s", text);
	if ((size_t)snprintf(text, PATH_BYTES, "%s%s%s", word, *old ? "-" : "", old) >= PATH_BYTES)
		text[0] = '\0';                         /* too long is none */
}

static void add(struct path *p, const char *fmt, ...) _printf_(2, 3);
static void add(struct path *p, const char *fmt, ...)
{
	char word[PATH_BYTES];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(word, sizeof(word), fmt, ap);
	va_end(ap);
	front(p->text, word);
	if (p->compat[0])
		front(p->compat, word);
}

/* "lun-1"; from 256 on as the SCSI address has it */
static void lun_word(struct device *d, char word[64])
{
	unsigned long long lun = d->sysnum ? strtoull(d->sysnum, NULL, 10) : 0;

	if (lun < 256)
		snprintf(word, 64, "lun-%llu", lun);
	else
		snprintf(word, 64, "lun-0x%04llx%04llx00000000", lun & 0xffff, lun >> 16 & 0xffff);
}

static bool scsi_address(struct device *d, struct scsi *a)
{
	return sscanf(d->sysname, "%u:%u:%u:%u", &a->host, &a->bus, &a->target, &a->lun) == 4;
}

/* attribute of the device of class @class that has @name */
static const char *class_attr(struct device *d, const char *class, const char *name, const char *attr)
{
	struct device *found;

	return device_open_name(&found, d->arena, d->sysfs, class, name) == 0 ? device_attr(found, attr) : NULL;
}

static struct device *fibre_channel(struct path *p, struct device *d)
{
	struct device *target = parent_of(d, "scsi", "scsi_target");
	const char *port = target ? class_attr(d, "fc_transport", target->sysname, "port_name") : NULL;
	char lun[64];

	if (!port)
		return NULL;
	lun_word(d, lun);
	add(p, "fc-%s-%s", port, lun);
	return d;
}

static struct device *sas(struct path *p, struct device *d)
{
	struct device *target = parent_of(d, "scsi", "scsi_target"), *end = target ? device_parent(target) : NULL;
	struct device *port = end ? device_parent(end) : NULL, *expander = port ? device_parent(port) : NULL;
	const char *address = end ? class_attr(d, "sas_device", end->sysname, "sas_address") : NULL;
	const char *phys = port ? class_attr(d, "sas_port", port->sysname, "num_phys") : NULL, *phy, *above;
	char lun[64];

	if (!expander || !phys)
		return NULL;
	lun_word(d, lun);
	if (!streq(phys, "1")) {
		if (!address)
			return NULL;
		add(p, "sas-%s-%s", address, lun);
		return d;
	}
	phy = class_attr(d, "sas_device", end->sysname, "phy_identifier");
	if (!phy)
		return NULL;
	above = class_attr(d, "sas_device", expander->sysname, "sas_address");
	if (above)
		add(p, "sas-exp%s-phy%s-%s", above, phy, lun);
	else
		add(p, "sas-phy%s-%s", phy, lun);
	return d;
}

static struct device *iscsi(struct path *p, struct device *d)
{
	struct device *session = device_parent(d);
	const char *target, *address, *port;
	char connection[64], lun[64];

	while (session && !startswith(session->sysname, "session"))
		session = device_parent(session);
	if (!session || !session->sysnum)
		return NULL;
	snprintf(connection, sizeof(connection), "connection%.32s:0", session->sysnum);
	target = class_attr(d, "iscsi_session", session->sysname, "targetname");
	address = class_attr(d, "iscsi_connection", connection, "persistent_address");
	port = class_attr(d, "iscsi_connection", connection, "persistent_port");
	if (!target || !address || !port)
		return NULL;
	lun_word(d, lun);
	add(p, "ip-%s:%s-iscsi-%s-%s", address, port, target, lun);
	return d;
}

static struct device *ata(struct path *p, struct device *d)
{
	struct device *host = parent_of(d, "scsi", "scsi_host"), *port = host ? device_parent(host) : NULL;
	const char *number = port ? class_attr(d, "ata_port", port->sysname, "port_no") : NULL;
	struct scsi a;
	char word[PATH_BYTES];

	if (!number || !scsi_address(d, &a))
		return NULL;
	snprintf(word, sizeof(word), "ata-%.64s", number);
	snprintf(p->compat, sizeof(p->compat), "%s", p->text);
	front(p->compat, word);
	snprintf(word, sizeof(word), a.bus ? "ata-%.64s.%u.0" : "ata-%.64s.%u", number, a.bus ? a.bus : a.target);
	front(p->text, word);                           /* behind a port multiplier the bus tells them apart, else the target */
	return host;
}

/* "{f8b3781a-1e82-...}" of the bus without its dashes */
static struct device *hyperv(struct path *p, struct device *d)
{
	struct device *host = parent_of(d, "scsi", "scsi_host"), *bus = host ? device_parent(host) : NULL;
	const char *id = bus ? device_attr(bus, "device_id") : NULL;
	char guid[64];
	size_t n = 0;
	struct scsi a;

	if (!id || strlen(id) < 37 || id[0] != '{' || id[37] != '}' || !scsi_address(d, &a))
		return NULL;
	for (size_t i = 1; i < 37; i++)
		if (id[i] != '-')
			guid[n++] = id[i];
	guid[n] = '\0';
	add(p, "vmbus-%s-lun-%u", guid, a.lun);
	return host;
}

/* the kernel counts hosts as they come; what counts is the place among the hosts of the same controller */
static struct device *scsi_plain(struct path *p, struct device *d)
{
	struct device *host = parent_of(d, "scsi", "scsi_host");
	char folder[PATH_MAX];
	unsigned first = UINT_MAX, number;
	struct dirent *entry;
	struct scsi a;
	DIR *dir;

	if (!host || !scsi_address(d, &a))
		return NULL;
	snprintf(folder, sizeof(folder), "%.*s", (int)(strrchr(host->path, '/') - host->path), host->path);
	dir = opendir(folder);
	while (dir && (entry = readdir(dir)))
		if (startswith(entry->d_name, "host") && sscanf(entry->d_name + 4, "%u", &number) == 1)
			first = MIN(first, number);
	if (dir)
		closedir(dir);
	if (first > a.host)
		return NULL;
	add(p, "scsi-%u:%u:%u:%u", a.host - first, a.bus, a.target, a.lun);
	return host;
}

static const struct { const char *in_path; struct device *(*step)(struct path *p, struct device *d); bool placed; } scsi_ways[] = {
	{ "/rport-", fibre_channel, true }, { "/end_device-", sas, true }, { "/session", iscsi, true },
	{ "/ata", ata, false }, { "/vmbus_", hyperv, false }, { "/VMBUS", hyperv, false }, { "", scsi_plain, false },
};

static struct device *step_scsi(struct path *p, struct device *d)
{
	const char *id;
	size_t i = 0;

	if (!streq0(d->devtype, "scsi_device"))
		return d;
	id = device_attr(d, "ieee1394_id");
	if (id) {
		add(p, "ieee1394-0x%s", id);
		p->placed = true;
		return topmost_of(d, "scsi");
	}
	while (!strstr(d->path, scsi_ways[i].in_path))
		i++;
	p->placed |= scsi_ways[i].placed;
	return scsi_ways[i].step(p, d);
}

static struct device *step_tape(struct path *p, struct device *d)
{
	const char *name = d->sysname + (d->sysname[0] == 'n');

	if (!p->text[0] && startswith(name, "st") && name[2] && strchr("lma", name[2]))
		add(p, "%.*s%c", (int)(name - d->sysname) + 2, d->sysname, name[2]);
	return d;
}

static struct device *step_usb(struct path *p, struct device *d)
{
	const char *dash = strchr(d->sysname, '-');

	if ((!streq0(d->devtype, "usb_interface") && !streq0(d->devtype, "usb_device")) || !dash)
		return d;
	add(p, "usb-0:%s", dash + 1);
	return topmost_of(d, "usb");
}

static struct device *step_cciss(struct path *p, struct device *d)
{
	unsigned controller, disk;

	if (sscanf(d->sysname, "c%ud%u%*s", &controller, &disk) != 2)
		return NULL;
	add(p, "cciss-disk%u", disk);
	return topmost_of(d, "cciss");
}

static struct device *step_bcma(struct path *p, struct device *d)
{
	unsigned core;

	if (sscanf(d->sysname, "bcma%*u:%u", &core) != 1)
		return NULL;
	add(p, "bcma-%u", core);
	return d;
}

static struct device *step_serio(struct path *p, struct device *d)
{
	if (d->sysnum)
		add(p, "serio-%s", d->sysnum);
	return topmost_of(d, "serio");
}

static struct device *step_ap(struct path *p, struct device *d)
{
	const char *type = device_attr(d, "type"), *functions = device_attr(d, "ap_functions");

	if (type && functions)
		add(p, "ap-%s-%s", type, functions);
	else
		add(p, "ap-%s", d->sysname);
	return topmost_of(d, "ap");
}

static struct device *step_nvme(struct path *p, struct device *d)
{
	const char *nsid = device_attr(p->e->dev, "nsid");

	if (!nsid)
		return d;
	add(p, "nvme-%s", nsid);
	p->placed = p->transport = true;
	return topmost_of(d, "nvme");
}

static struct device *step_spi(struct path *p, struct device *d)
{
	if (!d->sysnum)
		return d;
	add(p, "cs-%s", d->sysnum);
	return topmost_of(d, "spi");
}

static struct device *step_named(struct path *p, struct device *d)
{
	add(p, "%s-%s", d->subsystem, d->sysname);
	return topmost_of(d, d->subsystem);
}

static struct device *step_silent(struct path *p, struct device *d) { return topmost_of(d, d->subsystem); }

static const struct bus { const char *name; struct device *(*step)(struct path *p, struct device *d); bool placed, transport; } buses[] = {
	{ "scsi_tape", step_tape, false, false },
	{ "scsi", step_scsi, false, true },
	{ "cciss", step_cciss, false, true },
	{ "usb", step_usb, false, true },
	{ "bcma", step_bcma, false, true },
	{ "serio", step_serio, false, false },
	{ "pci", step_named, true, false },
	{ "platform", step_named, true, true },
	{ "acpi", step_named, true, false },
	{ "xen", step_named, true, false },
	{ "virtio", step_silent, false, true },
	{ "scm", step_named, true, true },
	{ "ccw", step_named, true, true },
	{ "ccwgroup", step_named, true, true },
	{ "ap", step_ap, true, true },
	{ "iucv", step_named, true, true },
	{ "nvme", step_nvme, false, false },
	{ "spi", step_spi, false, false },
};

static struct device *step(struct path *p, struct device *d)
{
	for (size_t i = 0; d->subsystem && i < ARRAY_SIZE(buses); i++) {
		if (!streq(d->subsystem, buses[i].name))
			continue;
		p->placed |= buses[i].placed;
		p->transport |= buses[i].transport;
		return buses[i].step(p, d);
	}
	return d;
}

/* the path as a tag: only letters, digits and dashes, everything else one '_' */
static void make_tag(const char *path, char tag[PATH_BYTES])
{
	size_t n = 0;

	for (; *path; path++) {
		bool plain = (*path >= '0' && *path <= '9') || (*path >= 'a' && *path <= 'z') || (*path >= 'A' && *path <= 'Z') || *path == '-';

		if (plain)
			tag[n++] = *path;
		else if (n > 0 && tag[n - 1] != '_')
			tag[n++] = '_';
	}
	while (n > 0 && tag[n - 1] == '_')
		n--;
	tag[n] = '\0';
}

int builtin_path_id(struct event *e, int argc, char **argv)
{
	struct path p = { .e = e };
	char tag[PATH_BYTES];
	int r;

	for (struct device *d = e->dev; d; d = device_parent(d)) {
		d = step(&p, d);
		if (!d)
			break;
	}
	if (!p.text[0] || !p.placed || (streq0(e->dev->subsystem, "block") && !p.transport))
		return -ENOENT;
	make_tag(p.text, tag);
	r = put(e, "ID_PATH", p.text);
	if (r == 0)
		r = put(e, "ID_PATH_TAG", tag);
	return r == 0 ? put(e, "ID_PATH_ATA_COMPAT", p.compat) : r;
}
