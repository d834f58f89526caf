/* builtin.c - the table of builtins, those of systemd 252; udev(7), udevadm(8) */
#include "builtin.h"
#include "builtins.h"

const struct builtin builtins[] = {
	{ "blkid", "file system and partition of a block device", builtin_blkid, true },
	{ "btrfs", "tell btrfs of a device of a file system of many", builtin_btrfs, false },
	{ "hwdb", "properties of the hardware database", builtin_hwdb, false },
	{ "input_id", "what kind of input device it is", builtin_input_id, true },
	{ "keyboard", "key codes of a keyboard", builtin_keyboard, false },
	{ "kmod", "load kernel modules", builtin_kmod, false },
	{ "net_driver", "driver of a network interface (of later systemd)", builtin_net_driver, false },
	{ "net_id", "predictable names of a network interface", builtin_net_id, true },
	{ "net_setup_link", "settings of .link files", builtin_net_setup_link, false },
	{ "path_id", "a stable path to the device", builtin_path_id, true },
	{ "uaccess", "access for the user at the seat", builtin_uaccess, false },
	{ "usb_id", "vendor, model, serial of an USB device", builtin_usb_id, true },
};
const size_t n_builtins = ARRAY_SIZE(builtins);

int builtin_find(const char *command)
{
	command += strspn(command, " \t");
	for (size_t i = 0; i < ARRAY_SIZE(builtins); i++) {
		size_t n = strlen(builtins[i].name);

		if (strncmp(command, builtins[i].name, n) == 0 && (!command[n] || command[n] == ' ' || command[n] == '\t'))
			return (int)i;
	}
	return -ENOENT;
}

int builtin_run(int index, struct event *e, int argc, char **argv)
{
	return builtins[index].run ? builtins[index].run(e, argc, argv) : -EOPNOTSUPP;
}

void builtin_prepare(void) { builtin_kmod_prepare(); }
