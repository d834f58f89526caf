/*
 * usb-id.c - who made an USB device, what it is, its serial number
 *
 * A disk or drive behind USB is asked for its SCSI words first; what it does not say, and everything of other devices, comes of the
 * strings of the USB device, or at last of the two numbers. All of it twice: ID_USB_... is never overwritten by another bus.
 */
#include <stdio.h>
#include "builtins.h"
#include "osfile.h"
#include "tool.h"
#include "usb-descriptor.h"

#define WORD 64                         /* bytes of a name; systemd cuts there, and links are made of it */

struct usb {
	struct device *dev, *interface; /* interface NULL: the device itself was asked about */
	char vendor[WORD], model[WORD], revision[WORD], serial[PROPERTY_BYTES], vendor_enc[256], model_enc[256], instance[32];
	const char *type;
};

struct named { unsigned number; const char *name; };

/* USB-IF class codes */
static const struct named classes[] = { { 0x01, "audio" }, { 0x03, "hid" }, { 0x06, "media" }, { 0x07, "printer" }, { 0x08, "storage" }, { 0x09, "hub" }, { 0x0e, "video" } };
static const struct named storage[] = { { 1, "rbc" }, { 2, "atapi" }, { 3, "tape" }, { 4, "floppy" }, { 6, "scsi" } };
/* SPC, peripheral device type */
static const struct named scsi_types[] = { { 0x00, "disk" }, { 0x0e, "disk" }, { 0x01, "tape" }, { 0x04, "optical" }, { 0x07, "optical" }, { 0x0f, "optical" }, { 0x05, "cd" } };

static const char *name_of(const struct named *t, size_t n, uint64_t number)
{
	for (size_t i = 0; i < n; i++)
		if (t[i].number == number)
			return t[i].name;
	return "generic";
}
#define NAME_OF(table, number) name_of(table, ARRAY_SIZE(table), number)

/* the strings of its SCSI device; all or nothing but what was there until one was missing */
static void take_scsi(struct usb *u, struct device *d)
{
	struct device *scsi = parent_of(d, "scsi", "scsi_device");
	int host, bus, target, lun;
	const char *s;
	uint64_t type;

	if (!scsi || sscanf(scsi->sysname, "%d:%d:%d:%d", &host, &bus, &target, &lun) != 4 || !(s = device_attr(scsi, "vendor")))
		return;
	text_encode(s, u->vendor_enc, sizeof(u->vendor_enc));
	fit(u->vendor, sizeof(u->vendor), s);
	s = device_attr(scsi, "model");
	if (!s)
		return;
	text_encode(s, u->model_enc, sizeof(u->model_enc));
	fit(u->model, sizeof(u->model), s);
	s = device_attr(scsi, "type");
	if (!s)
		return;
	u->type = text_number(s, 0, UINT32_MAX, &type) ? NAME_OF(scsi_types, type) : "generic";
	s = device_attr(scsi, "rev");
	if (!s)
		return;
	fit(u->revision, sizeof(u->revision), s);
	snprintf(u->instance, sizeof(u->instance), "%d:%d", target, lun);       /* some say the same for each of their units */
}

static int take_interface(struct usb *u, struct device *d)
{
	uint64_t class, sub = 0;

	u->interface = parent_of(d, "usb", "usb_interface");
	if (!u->interface || !attr_number(u->interface, "bInterfaceClass", 16, 255, &class))
		return -ENOENT;
	u->dev = parent_of(u->interface, "usb", "usb_device");
	if (!u->dev)
		return -ENOENT;
	if (class != 8) {
		u->type = NAME_OF(classes, class);
		return 0;
	}
	attr_number(u->interface, "bInterfaceSubClass", 10, 255, &sub);
	u->type = device_attr(u->interface, "bInterfaceSubClass") ? NAME_OF(storage, sub) : NULL;
	if (sub == 6 || sub == 2)
		take_scsi(u, d);
	return 0;
}

static bool good_serial(const char *s)
{
	for (; *s; s++)
		if ((unsigned char)*s < 0x20 || (unsigned char)*s > 0x7f || *s == ',')
			return false;
	return true;
}

static void take_device(struct usb *u, const char *vendor_id, const char *model_id)
{
	const char *s;

	if (!u->vendor[0]) {
		s = device_attr(u->dev, "manufacturer");
		s = s ? s : vendor_id;
		text_encode(s, u->vendor_enc, sizeof(u->vendor_enc));
		fit(u->vendor, sizeof(u->vendor), s);
	}
	if (!u->model[0]) {
		s = device_attr(u->dev, "product");
		s = s ? s : model_id;
		text_encode(s, u->model_enc, sizeof(u->model_enc));
		fit(u->model, sizeof(u->model), s);
	}
	s = device_attr(u->dev, "bcdDevice");
	if (!u->revision[0] && s)
		fit(u->revision, sizeof(u->revision), s);
	s = device_attr(u->dev, "serial");
	if (s && good_serial(s))
		fit(u->serial, sizeof(u->serial), s);
}

static int put_both(struct event *e, const char *name, const char *value)
{
	char key[64];
	int r;

	snprintf(key, sizeof(key), "ID_%s", name);
	r = put(e, key, value);
	snprintf(key, sizeof(key), "ID_USB_%s", name);
	return r == 0 ? put(e, key, value) : r;
}

static int put_all(struct event *e, struct usb *u, const char *vendor_id, const char *model_id, const char *interfaces)
{
	char serial[256];
	int r = 0;

	if (snprintf(serial, sizeof(serial), "%s_%s%s%s%s%s", u->vendor, u->model, u->serial[0] ? "_" : "", u->serial, u->instance[0] ? "-" : "", u->instance) < 0)
		return -EIO;                    /* what is too long is cut */
	const struct { const char *name, *value; } rows[] = {
		{ "VENDOR", u->vendor }, { "VENDOR_ENC", u->vendor_enc }, { "VENDOR_ID", vendor_id }, { "MODEL", u->model }, { "MODEL_ENC", u->model_enc },
		{ "MODEL_ID", model_id }, { "REVISION", u->revision }, { "SERIAL", serial }, { "SERIAL_SHORT", u->serial }, { "TYPE", u->type }, { "INSTANCE", u->instance },
	};
	for (size_t i = 0; i < ARRAY_SIZE(rows) && r == 0; i++)
		r = put_both(e, rows[i].name, rows[i].value);
	if (r == 0)
		r = put(e, "ID_BUS", "usb");
	if (r == 0)
		r = put(e, "ID_USB_INTERFACES", interfaces);
	if (r == 0 && u->interface)
		r = put(e, "ID_USB_INTERFACE_NUM", device_attr(u->interface, "bInterfaceNumber"));
	if (r == 0 && u->interface)
		r = put(e, "ID_USB_DRIVER", device_attr(u->interface, "driver"));
	return r;
}

int builtin_usb_id(struct event *e, int argc, char **argv)
{
	char interfaces[PROPERTY_BYTES] = "";
	const char *vendor_id, *model_id;
	struct usb u = { .dev = e->dev };
	int r = streq0(e->dev->devtype, "usb_device") ? 0 : take_interface(&u, e->dev);

	if (r < 0)
		return r;
	vendor_id = device_attr(u.dev, "idVendor");
	model_id = device_attr(u.dev, "idProduct");
	if (!vendor_id || !model_id)
		return -ENOENT;
	take_device(&u, vendor_id, model_id);
	usb_interfaces_of(u.dev, interfaces, sizeof(interfaces));
	return put_all(e, &u, vendor_id, model_id, interfaces);
}
