/* makefs.h - services for x-systemd.makefs and x-systemd.growfs of /etc/fstab, which need words of the line; systemd.mount(5), systemd-makefs@.service(8) */
#pragma once

/** makefs_generate() - a unit file in @dir for each such line. 0 or a negative errno; $SYSMASTER_FSTAB is read instead of /etc/fstab */
int makefs_generate(const char *dir);
