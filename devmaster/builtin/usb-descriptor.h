/* usb-descriptor.h - the kinds of interfaces that an USB device has, of its descriptors; USB 2.0 specification, chapter 9.6 */
#pragma once
#include "device/device.h"

/** usb_interfaces() - ":CCSSPP:..." (class, subclass, protocol; each once) of the @n bytes at @p; "" when there is none or they are no descriptors */
void usb_interfaces(const uint8_t *p, size_t n, char *out, size_t size);
void usb_interfaces_of(struct device *d, char *out, size_t size);       /* of the file "descriptors" */
