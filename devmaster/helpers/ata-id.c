/* ata-id.c - "ata_id [--export] NODE": asks an ATA disk or drive who it is, through SCSI where it hangs behind that */
#include <fcntl.h>
#include <linux/hdreg.h>
#include <scsi/sg.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include "ata.h"
#include "option.h"

#define TIMEOUT_MSEC 30000
enum { INQUIRY = 0x12, ATA_PASS_THROUGH_16 = 0x85, IDENTIFY_DEVICE = 0xec, IDENTIFY_PACKET_DEVICE = 0xa1, TYPE_DISK = 0, TYPE_CD = 5 };

static int command(int fd, uint8_t *cdb, uint8_t n_cdb, void *data, unsigned n_data, uint8_t sense[32])
{
	struct sg_io_hdr h = {
		.interface_id = 'S', .cmdp = cdb, .cmd_len = n_cdb, .dxferp = data, .dxfer_len = n_data, .sbp = sense, .mx_sb_len = 32,
		.dxfer_direction = SG_DXFER_FROM_DEV, .timeout = TIMEOUT_MSEC,
	};

	return ioctl(fd, SG_IO, &h) < 0 ? -errno : 0;
}

/* a drive must not get what only a disk understands: the same bytes may erase a disc there */
static int identify(int fd, uint8_t id[ATA_IDENTIFY_BYTES])
{
	uint8_t ask[6] = { INQUIRY, 0, 0, 0, 36, 0 }, answer[36] = { 0 }, sense[32] = { 0 };
	uint8_t pass[16] = { ATA_PASS_THROUGH_16, 4 << 1 /* PIO in */, 0x2e /* from the device, in blocks, as many as it says; with the registers */, 0, 0, 0, 1 };
	int r = command(fd, ask, sizeof(ask), answer, sizeof(answer), sense);

	if (r < 0 || sense[0])
		return r < 0 ? r : -EIO;
	if ((answer[0] & 0x1f) != TYPE_DISK && (answer[0] & 0x1f) != TYPE_CD)
		return -ENODEV;
	pass[14] = (answer[0] & 0x1f) == TYPE_CD ? IDENTIFY_PACKET_DEVICE : IDENTIFY_DEVICE;
	memset(sense, 0, sizeof(sense));
	r = command(fd, pass, sizeof(pass), id, ATA_IDENTIFY_BYTES, sense);
	if (r < 0)
		return r;
	if (sense[0] != 0x72 || sense[8] != 0x09 || sense[9] != 0x0c)
		return -EIO;                            /* the registers of an ATA device did not come: it is none */
	for (size_t i = 0; i < ATA_IDENTIFY_BYTES; i++)
		if (id[i])
			return 0;
	return -EIO;
}

struct options { bool export, help; };
static const struct option_row rows[] = {
	{ "export", 'x', OPTION_FLAG, NULL, offsetof(struct options, export), .doc = "print properties" }, { "help", 'h', OPTION_FLAG, NULL, offsetof(struct options, help), .doc = "show this" },
};
static const struct option_set set = { rows, ARRAY_SIZE(rows), "ata_id" };

int main(int argc, char **argv)
{
	uint8_t id[ATA_IDENTIFY_BYTES] = { 0 };
	struct options o = { 0 };
	struct buf out = { 0 };
	_cleanup_(closep) int fd = -1;
	int first, r = options_parse(&set, &o, argc, argv, &first, stdout, stderr);

	if (r != 0 || o.help || first >= argc) {
		fprintf(o.help ? stdout : stderr, "ata_id [-x|--export] NODE\n");
		return !o.help;
	}
	fd = open(argv[first], O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0) {
		fprintf(stderr, "ata_id: %s: %s\n", argv[first], strerror(errno));
		return 1;
	}
	if (identify(fd, id) < 0) {
		if (ioctl(fd, HDIO_GET_IDENTITY, id) < 0)
			return 2;
		ata_turn_texts(id);
	}
	if (o.export)
		ata_properties(id, &out);
	else {
		ata_serial(id, &out);
		buf_addc(&out, '\n');
	}
	if (!buf_str(&out))
		return 1;
	fputs(buf_str(&out), stdout);
	buf_finish(&out);
	return 0;
}
