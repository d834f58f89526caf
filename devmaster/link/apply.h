/* apply.h - what a .link file makes of an interface: its name, hardware address, settings; systemd.link(5) */
#pragma once
#include "match.h"

/** link_new_name() - the name that NamePolicy= and Name= give, or the one it has; borrowed. @policies: false when net.ifnames=0 */
const char *link_new_name(const struct link_file *f, const struct link_state *s, unsigned scheme, bool policies);
/** link_alternative_names() - those to be added: neither @new_name nor what it has already; sorted. Caller strv_free()s */
int link_alternative_names(const struct link_file *f, const struct link_state *s, const char *new_name, char ***ret);
/**
 * link_new_mac() - hardware address that MACAddressPolicy= or MACAddress= give
 * @machine: machine id, 16 bytes; @scheme: 241 and later make one of the interface's name where the hardware gives none
 * Return: 1 with *ret; 0: it keeps its own; -ENOENT: there is nothing to make one of
 */
int link_new_mac(const struct link_file *f, const struct link_state *s, unsigned scheme, const uint8_t machine[16], struct hwaddr *ret);
/** link_apply() - all settings but the name, for events that may; each that failed is reported to the event's sink */
void link_apply(const struct link_file *f, const struct link_state *s, unsigned scheme, const char *new_name);
