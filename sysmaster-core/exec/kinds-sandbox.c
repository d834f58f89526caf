/* kinds-sandbox.c - values of systemd.exec(5) that confine: capabilities, system calls, address families, namespaces */
#include <ctype.h>
#include <linux/capability.h>
#include <sched.h>
#include <stdio.h>
#include "exec/filesystems.h"
#include "exec/kinds.h"

static const char *const cap_names[] = {
	"CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_DAC_READ_SEARCH", "CAP_FOWNER", "CAP_FSETID", "CAP_KILL", "CAP_SETGID", "CAP_SETUID",
	"CAP_SETPCAP", "CAP_LINUX_IMMUTABLE", "CAP_NET_BIND_SERVICE", "CAP_NET_BROADCAST", "CAP_NET_ADMIN", "CAP_NET_RAW",
	"CAP_IPC_LOCK", "CAP_IPC_OWNER", "CAP_SYS_MODULE", "CAP_SYS_RAWIO", "CAP_SYS_CHROOT", "CAP_SYS_PTRACE", "CAP_SYS_PACCT",
	"CAP_SYS_ADMIN", "CAP_SYS_BOOT", "CAP_SYS_NICE", "CAP_SYS_RESOURCE", "CAP_SYS_TIME", "CAP_SYS_TTY_CONFIG", "CAP_MKNOD",
	"CAP_LEASE", "CAP_AUDIT_WRITE", "CAP_AUDIT_CONTROL", "CAP_SETFCAP", "CAP_MAC_OVERRIDE", "CAP_MAC_ADMIN", "CAP_SYSLOG",
	"CAP_WAKE_ALARM", "CAP_BLOCK_SUSPEND", "CAP_AUDIT_READ", "CAP_PERFMON", "CAP_BPF", "CAP_CHECKPOINT_RESTORE",
};
_Static_assert(ARRAY_SIZE(cap_names) == CAP_CHECKPOINT_RESTORE + 1, "a capability has no name");

int cap_by_name(const char *name)
{
	char *end;
	unsigned long n;

	for (size_t i = 0; i < ARRAY_SIZE(cap_names); i++)
		if (strcasecmp(cap_names[i], name) == 0)
			return (int)i;
	errno = 0;
	n = strtoul(name, &end, 10);
	return !isdigit((unsigned char)*name) || *end || errno || n > 62 ? -EINVAL : (int)n;
}

const char *cap_name(unsigned cap) { return cap < ARRAY_SIZE(cap_names) ? cap_names[cap] : NULL; }
unsigned cap_known(void) { return ARRAY_SIZE(cap_names); }

/* ---- capabilities: the first list replaces the default, later ones add or, after '~', take away; "" is none at all ---- */

static int parse_caps(const struct key_place *at, const struct key *k, const char *value, void *field)
{
	bool *touched = (bool *)((char *)field - k->off + k->arg);
	bool invert = *value == '~';
	uint64_t mask = 0, *set = field;
	const char *p = value + invert;
	char *word;
	int r;

	while ((r = value_word(&p, false, &word)) > 0) {
		_cleanup_(freep) char *own _unused_ = word;
		int cap = cap_by_name(word);

		if (cap < 0)
			key_bad_at(at, (unsigned)(p - value), "\"%s\" is no capability", word);
		else
			mask |= UINT64_C(1) << cap;
	}
	if (r < 0)
		return key_bad(at, "unbalanced quotes");
	if (!*value)
		*set = 0;
	else if (invert)
		*set = (*touched && mask ? *set : UINT64_MAX >> 1) & ~mask;
	else
		*set = *touched ? *set | mask : mask;
	*touched = true;
	return 0;
}

static void format_caps(const struct key *k, const void *field, struct buf *out)
{
	const char *sep = "";

	for (unsigned i = 0; i < ARRAY_SIZE(cap_names); i++) {
		if (!(*(const uint64_t *)field & UINT64_C(1) << i))
			continue;
		buf_adds(out, sep);
		for (const char *c = cap_names[i]; *c; c++)
			buf_addc(out, (char)tolower((unsigned char)*c));
		sep = " ";
	}
}

const struct key_kind kind_caps = { "capability names, all but these after \"~\"", parse_caps, format_caps, NULL };

static const struct key_enum secure_bits[] = {
	{ "noroot", 1 << 0 }, { "noroot-locked", 1 << 1 }, { "no-setuid-fixup", 1 << 2 }, { "no-setuid-fixup-locked", 1 << 3 },
	{ "keep-caps", 1 << 4 }, { "keep-caps-locked", 1 << 5 }, { NULL, 0 },
};

static int parse_securebits(const struct key_place *at, const struct key *k, const char *value, void *field)
{
	uint32_t bits = 0;
	const char *p = value;
	char *word;
	int r, v;

	while ((r = value_word(&p, false, &word)) > 0) {
		_cleanup_(freep) char *own _unused_ = word;

		if (key_enum_value(secure_bits, word, &v) < 0)
			return key_bad(at, "\"%s\" is no secure bit", word);
		bits |= (uint32_t)v;
	}
	if (r < 0)
		return key_bad(at, "unbalanced quotes");
	*(uint32_t *)field = *value ? *(uint32_t *)field | bits : 0;
	return 0;
}

static void format_securebits(const struct key *k, const void *field, struct buf *out)
{
	buf_addf(out, "%u", *(const uint32_t *)field);
}

const struct key_kind kind_securebits = { "names of secure bits", parse_securebits, format_securebits, NULL };

static int parse_nnp(const struct key_place *at, const struct key *k, const char *value, void *field)
{
	struct exec_context *c = field;
	bool b = false;

	if (*value && value_bool(value, &b) < 0)
		return key_bad(at, "\"%s\" is no boolean", value);
	c->s.no_new_privileges = b;
	c->nnp_set = *value;
	return 0;
}

static void format_nnp(const struct key *k, const void *field, struct buf *out)
{
	buf_adds(out, ((const struct exec_context *)field)->s.no_new_privileges ? "yes" : "no");
}

const struct key_kind kind_nnp = { "boolean", parse_nnp, format_nnp, NULL };

/* ---- system calls, address families, namespaces ---- */

/* append the words of @value; where it begins with '~' each word gets one. "" resets */
static int store_signed(const struct key_place *at, const char *value, char ***field, bool (*valid)(const char *), const char *what)
{
	bool deny = *value == '~';
	const char *p = value + deny;
	char *word;
	int r;

	if (!*value)
		kind_strv_clear(NULL, field);
	while ((r = value_word(&p, false, &word)) > 0) {
		_cleanup_(freep) char *own _unused_ = word;
		char *s;

		if (!valid(word)) {
			key_bad_at(at, (unsigned)(p - value), "\"%s\" is no %s", word, what);
			continue;
		}
		if (asprintf(&s, "%s%s", deny ? "~" : "", word) < 0)
			return -ENOMEM;
		r = strv_consume(field, s);
		if (r < 0)
			return r;
	}
	return r < 0 ? key_bad(at, "unbalanced quotes") : 0;
}

static int errno_by_name(const char *s)
{
	char *end;
	long n = strtol(s, &end, 10);

	if (isdigit((unsigned char)*s))
		return *end || n > 4095 ? -EINVAL : (int)n;
	for (int i = 1; i < 134; i++)
		if (streq0(strerrorname_np(i), s))
			return i;
	return -EINVAL;
}

static bool syscall_valid(const char *s)
{
	const char *colon = strchr(s, ':');
	size_t n = colon ? (size_t)(colon - s) : strlen(s);

	if (colon && !streq(colon + 1, "kill") && errno_by_name(colon + 1) < 0)
		return false;
	for (size_t i = 0; i < n; i++)
		if (!isalnum((unsigned char)s[i]) && s[i] != '_' && !(s[i] == '@' && i == 0) && s[i] != '-')
			return false;
	return n > 0 && strlen(s) < 60;
}

static bool family_valid(const char *s)
{
	if (streq(s, "none"))
		return true;
	if (!startswith(s, "AF_") || strlen(s) > 24)
		return false;
	for (; *s; s++)
		if (!isupper((unsigned char)*s) && !isdigit((unsigned char)*s) && *s != '_')
			return false;
	return true;
}

static bool arch_valid(const char *s)
{
	static const char *const names[] = { "native", "x86-64", "x86", "x32", "arm64", "arm", "mips", "mips-le", "mips64", "mips64-le", "mips64-n32",
		"mips64-le-n32", "ppc", "ppc64", "ppc64-le", "riscv64", "s390", "s390x", "parisc", "parisc64" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (streq(names[i], s))
			return true;
	return false;
}

static int parse_syscalls(const struct key_place *at, const struct key *k, const char *value, void *field)
{
	return store_signed(at, value, field, syscall_valid, "system call, @group or NAME:ERRNO");
}

static int parse_families(const struct key_place *at, const struct key *k, const char *value, void *field)
{
	return store_signed(at, value, field, family_valid, "address family");
}

static bool file_system_valid(const char *s) { return file_system_known(s); }

static int parse_file_systems(const struct key_place *at, const struct key *k, const char *value, void *field)
{
	return store_signed(at, value, field, file_system_valid, "known file system");
}

/* the names that all lines together come to; in a list of what is denied the first has a '~' in front */
static void format_file_systems(const struct key *k, const void *field, struct buf *out)
{
	char *const *words = *(char **const *)field;
	const char **names;
	bool allow;
	ssize_t n = words ? file_systems_resolve(words, strv_len(words), &allow, &names) : -1;

	if (n < 0)
		return;
	buf_adds(out, allow ? "" : "~");
	for (ssize_t i = 0; i < n; i++)
		buf_addf(out, "%s%s", i ? " " : "", names[i]);
	free(names);
}

static int parse_archs(const struct key_place *at, const struct key *k, const char *value, void *field)
{
	return store_signed(at, value, field, arch_valid, "architecture");
}

static int cmp_words(const void *a, const void *b) { return strcmp(*(const char *const *)a, *(const char *const *)b); }

/* sorted, each by its usual name; in a list of what is denied the first has a '~' in front */
static void format_families(const struct key *k, const void *field, struct buf *out)
{
	static const struct { const char *name, *usual; } same[] = { { "AF_LOCAL", "AF_UNIX" }, { "AF_FILE", "AF_UNIX" }, { "AF_ROUTE", "AF_NETLINK" } };
	char *const *words = *(char **const *)field;
	const char *sorted[64];
	size_t n = 0, n_words = strv_len(words);
	bool deny = n_words && *words[0] == '~';

	for (size_t i = 0; i < n_words && n < ARRAY_SIZE(sorted); i++) {
		const char *w = words[i] + (*words[i] == '~');

		for (size_t j = 0; j < ARRAY_SIZE(same); j++)
			w = streq(w, same[j].name) ? same[j].usual : w;
		sorted[n++] = w;
	}
	qsort(sorted, n, sizeof(*sorted), cmp_words);
	buf_adds(out, deny ? "~" : "");
	for (size_t i = 0; i < n; i++)
		if (i == 0 || !streq(sorted[i], sorted[i - 1]))
			buf_addf(out, "%s%s", i ? " " : "", sorted[i]);
}

const struct key_kind kind_syscalls = { "system calls and @groups, denied after \"~\"", parse_syscalls, kind_strv_format, kind_strv_clear };
const struct key_kind kind_families = { "AF_ names, denied after \"~\", or \"none\"", parse_families, format_families, kind_strv_clear };
const struct key_kind kind_file_systems = { "file systems and @sets, denied after \"~\"", parse_file_systems, format_file_systems, kind_strv_clear };
const struct key_kind kind_archs = { "architectures", parse_archs, kind_strv_format, kind_strv_clear };

static int parse_errno(const struct key_place *at, const struct key *k, const char *value, void *field)
{
	int e = !*value || streq(value, "kill") ? 0 : errno_by_name(value);

	if (e < 0)
		return key_bad(at, "\"%s\" is no error name", value);
	*(uint32_t *)field = (uint32_t)e;
	return 0;
}

/* as a number; INT32_MAX - 1 stands for "kill" */
static void format_errno(const struct key *k, const void *field, struct buf *out)
{
	uint32_t e = *(const uint32_t *)field;

	buf_addf(out, "%u", e ? e : INT32_MAX - 1);
}

const struct key_kind kind_errno = { "error name or number, or \"kill\"", parse_errno, format_errno, NULL };

static const struct key_enum namespaces[] = {
	{ "cgroup", CLONE_NEWCGROUP }, { "ipc", CLONE_NEWIPC }, { "net", CLONE_NEWNET }, { "mnt", CLONE_NEWNS },
	{ "pid", CLONE_NEWPID }, { "user", CLONE_NEWUSER }, { "uts", CLONE_NEWUTS }, { NULL, 0 },
};
#define NS_ALL ((uint64_t)(CLONE_NEWCGROUP | CLONE_NEWIPC | CLONE_NEWNET | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWUSER | CLONE_NEWUTS))

static int parse_namespaces(const struct key_place *at, const struct key *k, const char *value, void *field)
{
	struct ipc_exec_settings *s = field;
	bool deny = *value == '~', b;
	const char *p = value + deny;
	uint64_t mask = 0;
	char *word;
	int r, v;

	if (!*value || value_bool(value, &b) == 0) {
		s->has_restrict_namespaces = *value && b;
		s->restrict_namespaces = 0;
		return 0;
	}
	while ((r = value_word(&p, false, &word)) > 0) {
		_cleanup_(freep) char *own _unused_ = word;

		if (key_enum_value(namespaces, word, &v) < 0)
			return key_bad(at, "\"%s\" is no namespace", word);
		mask |= (uint64_t)v;
	}
	if (r < 0)
		return key_bad(at, "unbalanced quotes");
	if (deny)
		s->restrict_namespaces = (s->has_restrict_namespaces ? s->restrict_namespaces : NS_ALL) & ~mask;
	else
		s->restrict_namespaces = s->has_restrict_namespaces ? s->restrict_namespaces | mask : mask;
	s->has_restrict_namespaces = true;
	return 0;
}

static void format_namespaces(const struct key *k, const void *field, struct buf *out)
{
	const struct ipc_exec_settings *s = field;
	uint64_t allowed = s->has_restrict_namespaces ? s->restrict_namespaces : NS_ALL;
	const char *sep = "";

	if (allowed == 0 || allowed == NS_ALL) {
		buf_adds(out, allowed ? "no" : "yes");
		return;
	}
	for (const struct key_enum *e = namespaces; e->name; e++) {
		if (!(allowed & (uint64_t)e->value))
			continue;
		buf_addf(out, "%s%s", sep, e->name);
		sep = " ";
	}
}

const struct key_kind kind_namespaces = { "boolean or namespaces, denied after \"~\"", parse_namespaces, format_namespaces, NULL };
