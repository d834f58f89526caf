/* usb-descriptor.c - see usb-descriptor.h */
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include "usb-descriptor.h"

#define DEVICE_BYTES 18
#define INTERFACE_BYTES 9
#define TYPE_INTERFACE 4

void usb_interfaces(const uint8_t *p, size_t n, char *out, size_t size)
{
	size_t len = 0;

	out[0] = '\0';
	if (n < DEVICE_BYTES)
		return;
	for (size_t at = 0; at + INTERFACE_BYTES < n && len + 9 < size;) {
		const uint8_t *d = p + at;
		char word[8];

		if (d[0] < 3)
			break;
		if (d[0] > n - INTERFACE_BYTES) {
			out[0] = '\0';          /* it cannot be whole: nothing of it is believed */
			return;
		}
		at += d[0];
		if (d[1] != TYPE_INTERFACE)
			continue;
		snprintf(word, sizeof(word), ":%02x%02x%02x", d[5], d[6], d[7]);
		if (strstr(out, word))
			continue;
		memcpy(out + len, word, sizeof(word));
		len += sizeof(word) - 1;
	}
	if (len > 0)
		memcpy(out + len, ":", 2);
}

void usb_interfaces_of(struct device *d, char *out, size_t size)
{
	_cleanup_(closep) int fd = -1;
	uint8_t bytes[18 + 65535];
	char path[PATH_MAX];
	ssize_t n = -1;

	out[0] = '\0';
	if ((size_t)snprintf(path, sizeof(path), "%s/descriptors", d->path) < sizeof(path))
		fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd >= 0)
		n = read(fd, bytes, sizeof(bytes));
	if (n > 0)
		usb_interfaces(bytes, (size_t)n, out, size);
}
