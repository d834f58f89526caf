/* test-tree.c - see test-tree.h */
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include "database/database.h"
#include "osfile.h"
#include "test-tree.h"

char tree_root[64];

const char *tree_path(const char *below)
{
	static char paths[64][PATH_MAX];
	static unsigned turn;
	char *p = paths[turn++ % 64];

	snprintf(p, PATH_MAX, "%s/%s", tree_root, below);
	return p;
}

void tree_write(const char *below, const char *text)
{
	const char *path = tree_path(below);
	FILE *f = database_mkdir_parents(path) == 0 ? fopen(path, "we") : NULL;

	if (!f || fputs(text, f) < 0 || fclose(f) != 0)
		abort();
}

void tree_link(const char *below, const char *target)
{
	const char *path = tree_path(below);

	if (database_mkdir_parents(path) < 0 || symlink(target, path) < 0)
		abort();
}

int tree_make(void **state)
{
	strcpy(tree_root, "/tmp/devmaster-test-XXXXXX");
	if (!mkdtemp(tree_root))
		return -1;
	tree_write("sys/devices/virtual/mem/null/uevent", "MAJOR=1\nMINOR=3\nDEVNAME=null\nDEVMODE=0666\n");
	tree_write("sys/devices/virtual/mem/null/dev", "1:3\n");
	tree_link("sys/devices/virtual/mem/null/subsystem", "../../../../class/mem");
	tree_link("sys/class/mem/null", "../../devices/virtual/mem/null");
	tree_write("sys/devices/pci0000:00/uevent", "");
	tree_write("sys/devices/pci0000:00/0000:00:1f.2/uevent", "DRIVER=ahci\nPCI_ID=8086:2922\n");
	tree_write("sys/devices/pci0000:00/0000:00:1f.2/vendor", "0x8086\n");
	tree_write("sys/devices/pci0000:00/0000:00:1f.2/both", "controller\n");
	tree_link("sys/devices/pci0000:00/0000:00:1f.2/subsystem", "../../../bus/pci");
	tree_link("sys/devices/pci0000:00/0000:00:1f.2/driver", "../../../bus/pci/drivers/ahci");
	tree_write("sys/devices/pci0000:00/0000:00:1f.2/block/sda/uevent", "MAJOR=8\nMINOR=0\nDEVNAME=sda\nDEVTYPE=disk\n");
	tree_link("sys/devices/pci0000:00/0000:00:1f.2/block/sda/subsystem", "../../../../../class/block");
	tree_write("sys/devices/pci0000:00/0000:00:1f.2/block/sda/model", "Some  disk \t\n");
	tree_write("sys/devices/pci0000:00/0000:00:1f.2/block/sda/size", "2048\n");
	tree_write("sys/devices/pci0000:00/0000:00:1f.2/block/sda/queue/rotational", "0\n");
	tree_write("sys/devices/pci0000:00/0000:00:1f.2/block/sda/sda1/uevent", "MAJOR=8\nMINOR=1\nDEVNAME=sda1\nDEVTYPE=partition\nPARTN=1\n");
	tree_link("sys/devices/pci0000:00/0000:00:1f.2/block/sda/sda1/subsystem", "../../../../../../class/block");
	tree_link("sys/class/block/sda", "../../devices/pci0000:00/0000:00:1f.2/block/sda");
	tree_write("sys/devices/virtual/net/lo/uevent", "INTERFACE=lo\nIFINDEX=1\n");
	tree_write("sys/devices/virtual/net/lo/address", "00:00:00:00:00:00\n");
	tree_link("sys/devices/virtual/net/lo/subsystem", "../../../../class/net");
	tree_link("sys/class/net/lo", "../../devices/virtual/net/lo");
	tree_write("sys/devices/virtual/block/cciss!c0d0/uevent", "MAJOR=104\nMINOR=0\nDEVNAME=cciss/c0d0\n");
	tree_link("sys/devices/virtual/block/cciss!c0d0/subsystem", "../../../../class/block");
	tree_write("proc/cmdline", "BOOT=x ro quiet word=\"two words\"\n");
	tree_write("proc/1/cmdline", "BOOT=x ro quiet word=\"two words\"\n");
	tree_write("proc/sys/kernel/ostype", "Linux\n");
	tree_write("import.env", "# comment\nA=from file\n B_1 = 'quoted'\nbad\nE=\n");
	tree_write("dev/.keep", "");
	tree_write("run/.keep", "");
	return 0;
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *ftw) { return remove(path); }

static void remove_below(const char *below)
{
	nftw(tree_path(below), remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

void tree_clean(void)
{
	remove_below("run");
	remove_below("dev");
	tree_write("dev/.keep", "");
	tree_write("run/.keep", "");
}

int tree_remove(void **state)
{
	remove_below("");
	return 0;
}

char *tree_read(const char *below)
{
	char text[65536];

	return osfile_read(tree_path(below), text, sizeof(text)) < 0 ? NULL : strdup(text);
}
