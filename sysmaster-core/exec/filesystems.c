/* filesystems.c - names of file systems, sets of them, their magic numbers */
#include <linux/magic.h>
#include "exec/filesystems.h"

enum set { NONE, BASIC_API, AUXILIARY_API, COMMON_BLOCK, HISTORICAL_BLOCK, NETWORK, PRIVILEGED_API, TEMPORARY, KNOWN, N_SETS };
static const char *const sets[N_SETS] = {
	[BASIC_API] = "@basic-api", [AUXILIARY_API] = "@auxiliary-api", [COMMON_BLOCK] = "@common-block", [HISTORICAL_BLOCK] = "@historical-block",
	[NETWORK] = "@network", [PRIVILEGED_API] = "@privileged-api", [TEMPORARY] = "@temporary", [KNOWN] = "@known",
};

/* sorted by name; all are @known */
static const struct row { const char *name; enum set set; uint32_t magics[FILE_SYSTEM_MAGICS]; } rows[] = {
	{ "adfs", NONE, { ADFS_SUPER_MAGIC } },
	{ "affs", NONE, { AFFS_SUPER_MAGIC } },
	{ "afs", NETWORK, { AFS_FS_MAGIC, AFS_SUPER_MAGIC } },
	{ "anon_inodefs", NONE, { ANON_INODE_FS_MAGIC } },
	{ "apparmorfs", NONE, { AAFS_MAGIC } },
	{ "autofs", NONE, { AUTOFS_SUPER_MAGIC } },
	{ "balloon-kvm", NONE, { 0x13661366 } },
	{ "bdev", NONE, { BDEVFS_MAGIC } },
	{ "binder", NONE, { BINDERFS_SUPER_MAGIC } },
	{ "binfmt_misc", AUXILIARY_API, { BINFMTFS_MAGIC } },
	{ "bpf", PRIVILEGED_API, { BPF_FS_MAGIC } },
	{ "btrfs", COMMON_BLOCK, { BTRFS_SUPER_MAGIC } },
	{ "btrfs_test_fs", NONE, { BTRFS_TEST_MAGIC } },
	{ "ceph", NETWORK, { 0x00c36400 } },
	{ "cgroup", BASIC_API, { CGROUP_SUPER_MAGIC } },
	{ "cgroup2", BASIC_API, { CGROUP2_SUPER_MAGIC } },
	{ "cifs", NETWORK, { 0xff534d42 } },
	{ "coda", NONE, { CODA_SUPER_MAGIC } },
	{ "configfs", AUXILIARY_API, { 0x62656570 } },
	{ "cramfs", NONE, { CRAMFS_MAGIC } },
	{ "dax", NONE, { DAXFS_MAGIC } },
	{ "debugfs", PRIVILEGED_API, { DEBUGFS_MAGIC } },
	{ "devmem", NONE, { DEVMEM_MAGIC } },
	{ "devpts", BASIC_API, { DEVPTS_SUPER_MAGIC } },
	{ "devtmpfs", BASIC_API, { TMPFS_MAGIC } },             /* to the kernel a tmpfs, or a ramfs without one */
	{ "dmabuf", NONE, { DMA_BUF_MAGIC } },
	{ "ecryptfs", NONE, { ECRYPTFS_SUPER_MAGIC } },
	{ "efivarfs", AUXILIARY_API, { EFIVARFS_MAGIC } },
	{ "efs", NONE, { EFS_SUPER_MAGIC } },
	{ "erofs", COMMON_BLOCK, { EROFS_SUPER_MAGIC_V1 } },
	{ "exfat", COMMON_BLOCK, { 0x2011bab0 } },
	{ "ext2", HISTORICAL_BLOCK, { EXT2_SUPER_MAGIC } },
	{ "ext3", HISTORICAL_BLOCK, { EXT3_SUPER_MAGIC } },
	{ "ext4", COMMON_BLOCK, { EXT4_SUPER_MAGIC } },
	{ "f2fs", COMMON_BLOCK, { F2FS_SUPER_MAGIC } },
	{ "fuse", NONE, { 0x65735546 } },
	{ "fuseblk", NONE, { 0x65735546 } },
	{ "fusectl", AUXILIARY_API, { 0x65735543 } },
	{ "gfs", NETWORK, { 0x01161970 } },
	{ "gfs2", NETWORK, { 0x01161970 } },
	{ "hostfs", NONE, { HOSTFS_SUPER_MAGIC } },
	{ "hpfs", NONE, { HPFS_SUPER_MAGIC } },
	{ "hugetlbfs", AUXILIARY_API, { HUGETLBFS_MAGIC } },
	{ "iso9660", COMMON_BLOCK, { ISOFS_SUPER_MAGIC } },
	{ "jffs2", NONE, { JFFS2_SUPER_MAGIC } },
	{ "minix", HISTORICAL_BLOCK, { MINIX_SUPER_MAGIC, MINIX_SUPER_MAGIC2, MINIX2_SUPER_MAGIC, MINIX2_SUPER_MAGIC2, MINIX3_SUPER_MAGIC } },
	{ "mqueue", BASIC_API, { 0x19800202 } },
	{ "msdos", NONE, { MSDOS_SUPER_MAGIC } },
	{ "ncp", NETWORK, { NCP_SUPER_MAGIC } },
	{ "ncpfs", NETWORK, { NCP_SUPER_MAGIC } },
	{ "nfs", NETWORK, { NFS_SUPER_MAGIC } },
	{ "nfs4", NETWORK, { NFS_SUPER_MAGIC } },
	{ "nilfs2", NONE, { NILFS_SUPER_MAGIC } },
	{ "nsfs", NONE, { NSFS_MAGIC } },
	{ "ntfs3", COMMON_BLOCK, { 0x7366746e } },
	{ "ocfs2", NETWORK, { OCFS2_SUPER_MAGIC } },
	{ "openpromfs", NONE, { OPENPROM_SUPER_MAGIC } },
	{ "orangefs", NETWORK, { 0x20030528 } },
	{ "overlay", NONE, { OVERLAYFS_SUPER_MAGIC } },
	{ "pipefs", NONE, { PIPEFS_MAGIC } },
	{ "ppc-cmm", NONE, { 0xc7571590 } },
	{ "proc", BASIC_API, { PROC_SUPER_MAGIC } },
	{ "pstore", PRIVILEGED_API, { PSTOREFS_MAGIC } },
	{ "pvfs2", NETWORK, { 0x20030528 } },
	{ "qnx4", NONE, { QNX4_SUPER_MAGIC } },
	{ "qnx6", NONE, { QNX6_SUPER_MAGIC } },
	{ "ramfs", TEMPORARY, { RAMFS_MAGIC } },
	{ "reiserfs", NONE, { REISERFS_SUPER_MAGIC } },
	{ "resctrl", NONE, { RDTGROUP_SUPER_MAGIC } },
	{ "rpc_pipefs", AUXILIARY_API, { 0x67596969 } },
	{ "secretmem", NONE, { SECRETMEM_MAGIC } },
	{ "securityfs", AUXILIARY_API, { SECURITYFS_MAGIC } },
	{ "selinuxfs", NONE, { SELINUX_MAGIC } },
	{ "shiftfs", NONE, { 0x6a656a62 } },
	{ "smackfs", NONE, { SMACK_MAGIC } },
	{ "smb3", NETWORK, { SMB_SUPER_MAGIC } },
	{ "smbfs", NETWORK, { SMB_SUPER_MAGIC } },
	{ "sockfs", NONE, { SOCKFS_MAGIC } },
	{ "squashfs", COMMON_BLOCK, { SQUASHFS_MAGIC } },
	{ "sysfs", BASIC_API, { SYSFS_MAGIC } },
	{ "tmpfs", TEMPORARY, { TMPFS_MAGIC } },
	{ "tracefs", PRIVILEGED_API, { TRACEFS_MAGIC } },
	{ "udf", COMMON_BLOCK, { UDF_SUPER_MAGIC } },
	{ "usbdevfs", NONE, { USBDEVICE_SUPER_MAGIC } },
	{ "v9fs", NONE, { V9FS_MAGIC } },
	{ "vboxsf", NONE, { 0x786f4256 } },
	{ "vfat", COMMON_BLOCK, { MSDOS_SUPER_MAGIC } },
	{ "xenfs", NONE, { XENFS_SUPER_MAGIC } },
	{ "xfs", COMMON_BLOCK, { XFS_SUPER_MAGIC } },
	{ "z3fold", NONE, { 0x33 } },
	{ "zonefs", NONE, { ZONEFS_MAGIC } },
	{ "zsmalloc", NONE, { 0x58295829 } },
};

static int cmp(const void *name, const void *row) { return strcmp(name, ((const struct row *)row)->name); }
static const struct row *find(const char *name) { return bsearch(name, rows, ARRAY_SIZE(rows), sizeof(rows[0]), cmp); }

static enum set set_of(const char *name)
{
	enum set s = NONE + 1;

	while (s < N_SETS && !streq(name, sets[s]))
		s++;
	return s == N_SETS ? NONE : s;
}

bool file_system_known(const char *name) { return find(name) || set_of(name); }

size_t file_system_magics(const char *name, uint32_t ret[FILE_SYSTEM_MAGICS])
{
	const struct row *r = find(name);
	size_t n = 0;

	while (r && n < FILE_SYSTEM_MAGICS && r->magics[n]) {
		ret[n] = r->magics[n];
		n++;
	}
	return n;
}

static void mark(bool in[ARRAY_SIZE(rows)], const char *name, bool value)
{
	enum set s = set_of(name);

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (s == KNOWN || (s ? rows[i].set == s : streq(rows[i].name, name)))
			in[i] = value;
}

ssize_t file_systems_resolve(char *const *words, size_t n, bool *ret_allow, const char ***ret)
{
	bool in[ARRAY_SIZE(rows)] = { false }, allow = n && *words[0] != '~';
	const char **names = calloc(ARRAY_SIZE(rows) + 1, sizeof(*names));
	ssize_t found = 0;

	if (!names)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++)
		mark(in, words[i] + (*words[i] == '~'), (*words[i] != '~') == allow);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (in[i])
			names[found++] = rows[i].name;
	*ret_allow = allow;
	*ret = names;
	return found;
}
