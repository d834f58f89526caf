/* fido-id.c - "fido_id [DEVICE]": is the hidraw device (of $DEVPATH) a security token? */
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include "hid.h"

#define DESCRIPTOR_BYTES 4096           /* the kernel's limit */

int main(int argc, char **argv)
{
	const char *path = argc > 1 ? argv[1] : getenv("DEVPATH"), *root = path && strncmp(path, "/sys/", 5) == 0 ? "" : "/sys";
	char device[PATH_MAX], file[PATH_MAX + 64];
	uint8_t bytes[DESCRIPTOR_BYTES];
	_cleanup_(closep) int fd = -1;
	ssize_t n;
	int r;

	/* SYSFS/.../HID-DEVICE/hidraw/hidraw0: the parent is two above */
	if (!path || (size_t)snprintf(device, sizeof(device), "%s%s", root, path) >= sizeof(device)) {
		fprintf(stderr, "fido_id: expected DEVPATH in the environment, or a device\n");
		return 1;
	}
	snprintf(file, sizeof(file), "%s/../../report_descriptor", device);
	fd = open(file, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	n = fd < 0 ? -1 : read(fd, bytes, sizeof(bytes));
	if (n < 0) {
		fprintf(stderr, "fido_id: %s: %s\n", file, strerror(errno));
		return 1;
	}
	r = hid_is_fido(bytes, (size_t)n);
	if (r > 0)
		printf("ID_FIDO_TOKEN=1\nID_SECURITY_TOKEN=1\n");
	else if (r < 0)
		fprintf(stderr, "fido_id: %s is no report descriptor\n", file);
	return r < 0;
}
