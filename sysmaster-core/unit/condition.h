/* condition.h - Condition*= and Assert*=; systemd.unit(5) "Conditions and Asserts" */
#pragma once
#include "unit/key.h"

struct unit;

/* One list: X(name, doc); in the order of strcmp() since rows are made of it. */
#define CONDITIONS(X) \
	X(ACPower, "whether the machine runs on mains power") \
	X(Architecture, "the processor architecture the kernel runs on, such as x86-64 or arm64, or native") \
	X(CPUFeature, "a processor feature as /proc/cpuinfo or cpuid name it, such as rdrand") \
	X(CPUPressure, "processor pressure (PSI) of the system or of a slice stays below the limit") \
	X(CPUs, "the number of usable processors compares as given") \
	X(Capability, "the manager's capability bounding set holds the capability") \
	X(ControlGroupController, "these cgroup controllers are available, or v1 or v2 is in use") \
	X(Credential, "a credential of that name was passed into the system") \
	X(DirectoryNotEmpty, "the path is a directory with something in it") \
	X(Environment, "the manager's environment has the variable, or NAME=VALUE exactly") \
	X(FileIsExecutable, "the path is a regular file that may be executed") \
	X(FileNotEmpty, "the path is a regular file that is not empty") \
	X(Firmware, "the kind of firmware: uefi, device-tree, or a match on the device tree or SMBIOS") \
	X(FirstBoot, "/etc has not been populated yet: this is the first boot") \
	X(Group, "the manager runs with that group") \
	X(Host, "the host name (with wildcards) or machine id matches") \
	X(IOPressure, "input/output pressure (PSI) of the system or of a slice stays below the limit") \
	X(KernelCommandLine, "the kernel command line has the word, or the word with = and any value") \
	X(KernelVersion, "the kernel release compares as given, or matches a pattern") \
	X(Memory, "the amount of physical memory in bytes compares as given") \
	X(MemoryPressure, "memory pressure (PSI) of the system or of a slice stays below the limit") \
	X(NeedsUpdate, "/etc or /var is older than /usr and wants an update after an offline one") \
	X(OSRelease, "fields of os-release(5) compare as given") \
	X(PathExists, "the path exists") \
	X(PathExistsGlob, "at least one path matches the pattern") \
	X(PathIsDirectory, "the path is a directory") \
	X(PathIsEncrypted, "the file system of the path lies on encrypted storage") \
	X(PathIsMountPoint, "the path is a mount point") \
	X(PathIsReadWrite, "the file system of the path is writable") \
	X(PathIsSymbolicLink, "the path is a symbolic link") \
	X(Security, "a security technology is in use, such as selinux, apparmor, audit or uefi-secureboot") \
	X(User, "the manager runs as that user: name, numeric id or @system") \
	X(Virtualization, "the machine is virtual: a boolean, vm, container, private-users or a technology's name")
#define CONDITION_ENUM(name, doc) CONDITION_##name,
enum condition_type { CONDITIONS(CONDITION_ENUM) N_CONDITIONS };
#define CONDITION_ASSERT 0x100          /* in the arg of a row: it is an Assert */

#define CONDITION_UNTESTED 2
struct condition {
	struct condition *next;         /* in the order of the file */
	int type;                       /* row of condition_names[] */
	bool trigger, negate;           /* '|' and '!' */
	char *parameter;
	int result;                     /* CONDITION_UNTESTED: never; else of the last test: 1 yes, 0 no, <0 error */
};
struct condition_name { const char *name; const char *doc; };
extern const struct condition_name condition_names[];   /* "PathExists", ... NULL ends; index = type */
extern const size_t n_condition_names;

int condition_test(struct condition *c, const struct unit *u);   /* one alone: 1, 0 or an error; sets c->result */
void condition_list_free(struct condition *c);
/** all plain ones must hold and, if there are triggering ones, at least one of them. 1 yes, 0 no; *failed: the first that said no */
int condition_list_test(struct condition *list, const struct unit *u, const struct condition **failed);
