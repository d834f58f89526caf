/* arch.c - uname(2)'s machine -> the names unit files use */
#include <sys/utsname.h>
#include "arch.h"

static const struct { const char *machine, *name; } table[] = {
	{ "x86_64", "x86-64" }, { "i686", "x86" }, { "i586", "x86" }, { "i486", "x86" }, { "i386", "x86" },
	{ "aarch64", "arm64" }, { "aarch64_be", "arm64-be" },
	{ "armv4l", "arm" }, { "armv4b", "arm-be" }, { "armv4tl", "arm" }, { "armv4tb", "arm-be" }, { "armv5tl", "arm" },
	{ "armv5tb", "arm-be" }, { "armv5tel", "arm" }, { "armv5teb", "arm-be" }, { "armv5tejl", "arm" }, { "armv5tejb", "arm-be" },
	{ "armv6l", "arm" }, { "armv6b", "arm-be" }, { "armv7l", "arm" }, { "armv7b", "arm-be" }, { "armv7ml", "arm" },
	{ "armv7mb", "arm-be" }, { "armv8l", "arm" }, { "armv8b", "arm-be" },
	{ "ppc64le", "ppc64-le" }, { "ppc64", "ppc64" }, { "ppcle", "ppc-le" }, { "ppc", "ppc" },
	{ "ia64", "ia64" }, { "parisc64", "parisc64" }, { "parisc", "parisc" }, { "s390x", "s390x" }, { "s390", "s390" },
	{ "sparc64", "sparc64" }, { "sparc", "sparc" }, { "mips64", "mips64" }, { "mips", "mips" },
	{ "mips64le", "mips64-le" }, { "mipsle", "mips-le" }, { "alpha", "alpha" }, { "sh5", "sh64" }, { "sh2", "sh" }, { "sh2a", "sh" },
	{ "sh3", "sh" }, { "sh4", "sh" }, { "sh4a", "sh" }, { "m68k", "m68k" }, { "tilegx", "tilegx" }, { "crisv32", "cris" },
	{ "arc", "arc" }, { "arceb", "arc-be" }, { "riscv32", "riscv32" }, { "riscv64", "riscv64" }, { "loongarch64", "loongarch64" },
};

const char *arch_native(void)
{
	static const char *name;        /* a kernel does not change under us */
	struct utsname u;

	if (!name && uname(&u) == 0)
		for (size_t i = 0; i < ARRAY_SIZE(table) && !name; i++)
			if (streq(table[i].machine, u.machine))
				name = table[i].name;
	return name;
}

bool arch_known(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(table); i++)
		if (streq(table[i].name, name))
			return true;
	return false;
}
