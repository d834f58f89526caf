/* kinds-sandbox.c - values of systemd.exec(5) that confine: capabilities, directories, paths, system calls, credentials */
#include <ctype.h>
#include <linux/capability.h>
#include <sched.h>
#include <stdio.h>
#include <sys/mount.h>
#include "exec/kinds.h"
#include "unit/name.h"
#include "unit/specifier.h"

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

static void clear_strv(const struct key *k, void *field)
{
	char ***v = field;

	strv_free(*v);
	*v = NULL;
}

static void format_strv(const struct key *k, const void *field, struct buf *out)
{
	char *const *const *v = field;

	for (size_t i = 0; *v && (*v)[i]; i++)
		buf_addf(out, "%s%s", i ? " " : "", (*v)[i]);
}

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
	const char *sep = "";

	for (const struct key_enum *e = secure_bits; e->name; e++) {
		if (!(*(const uint32_t *)field & (uint32_t)e->value))
			continue;
		buf_addf(out, "%s%s", sep, e->name);
		sep = " ";
	}
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

/* ---- paths ---- */

typedef bool (*valid_fn)(char *word);

/* append expanded words for which @fix (which may tidy them in place) says yes; "" resets */
static int store_words(const struct key_place *at, const char *value, char ***field, valid_fn fix, const char *what)
{
	const char *p = value;
	char *word;
	int r;

	if (!*value)
		clear_strv(NULL, field);
	while ((r = value_word(&p, true, &word)) > 0) {
		_cleanup_(freep) char *own _unused_ = word;
		_cleanup_(freep) char *s = NULL;

		r = specifier_expand(at->unit, word, &s, &(size_t){ 0 });
		if (r == -ENOMEM)
			return r;
		if (r < 0 || !fix(s)) {
			key_bad_at(at, (unsigned)(p - value), "\"%s\" is no %s", word, what);
			continue;
		}
		r = strv_consume(field, TAKE_PTR(s));
		if (r < 0)
			return r;
	}
	return r < 0 ? key_bad_at(at, (unsigned)(p - value), "unbalanced quotes or a bad escape") : 0;
}

static bool has_dotdot(const char *s)
{
	for (; s; s = strchr(s, '/')) {
		while (*s == '/')
			s++;
		if (startswith(s, "..") && (!s[2] || s[2] == '/' || s[2] == ':'))
			return true;
	}
	return false;
}

static bool fix_dir(char *word)
{
	char *colon = strchr(word, ':');

	if (!*word || *word == '/' || *word == ':' || has_dotdot(word) || streq(word, ".") || startswith(word, "private/"))
		return false;
	return !colon || (colon[1] && colon[1] != '/' && !strchr(colon + 1, ':') && !has_dotdot(colon + 1));
}

static int parse_dir(const struct key_place *at, const struct key *k, const char *value, void *field)
{
	return store_words(at, value, &((struct exec_dir *)field)->paths, fix_dir, "relative path");
}

static void format_dir(const struct key *k, const void *field, struct buf *out) { format_strv(k, &((const struct exec_dir *)field)->paths, out); }
static void clear_dir(const struct key *k, void *field) { clear_strv(k, &((struct exec_dir *)field)->paths); }

const struct key_kind kind_dir = { "relative paths, each with an optional \":LINK\"", parse_dir, format_dir, clear_dir };

static bool fix_prefixed(char *word)
{
	char *p = word + (*word == '-');

	p += *p == '+';
	if (*p != '/' || has_dotdot(p))
		return false;
	path_simplify(p);
	return true;
}

static int parse_prefixed_paths(const struct key_place *at, const struct key *k, const char *value, void *field)
{
	return store_words(at, value, field, fix_prefixed, "absolute path");
}

static bool fix_bind(char *word)
{
	const char *p = word + (*word == '-'), *colon = strchr(p, ':');

	return *p == '/' && !has_dotdot(p) && (!colon || colon[1] == '/' || !colon[1]);
}

static int parse_binds(const struct key_place *at, const struct key *k, const char *value, void *field)
{
	return store_words(at, value, field, fix_bind, "SOURCE:DESTINATION:OPTIONS");
}

static bool fix_tmpfs(char *word)
{
	char *colon = strchr(word, ':');

	return *word == '/' && !has_dotdot(word) && (!colon || colon > word);
}

static int parse_tmpfs(const struct key_place *at, const struct key *k, const char *value, void *field)
{
	return store_words(at, value, field, fix_tmpfs, "PATH:OPTIONS");
}

const struct key_kind kind_tmpfs = { "absolute paths, each with an optional \":OPTIONS\"", parse_tmpfs, format_strv, clear_strv };
const struct key_kind kind_prefixed_paths = { "absolute paths, each after an optional \"-\" and \"+\"", parse_prefixed_paths, format_strv, clear_strv };
const struct key_kind kind_binds = { "absolute paths with colon-separated parts", parse_binds, format_strv, clear_strv };

static const struct key_enum propagation[] = { { "shared", MS_SHARED }, { "slave", MS_SLAVE }, { "private", MS_PRIVATE }, { NULL, 0 } };

static int parse_mount_flags(const struct key_place *at, const struct key *k, const char *value, void *field)
{
	struct ipc_exec_settings *s = field;
	int v;

	if (*value && key_enum_value(propagation, value, &v) < 0)
		return key_bad(at, "\"%s\" is no mount propagation", value);
	s->has_mount_flags = *value;
	if (*value)
		s->mount_flags = (uint64_t)v;
	return 0;
}

static void format_mount_flags(const struct key *k, const void *field, struct buf *out)
{
	const struct ipc_exec_settings *s = field;

	buf_adds(out, s->has_mount_flags ? key_enum_name(propagation, (int)s->mount_flags) : "");
}

const struct key_kind kind_mount_flags = { "shared, slave or private", parse_mount_flags, format_mount_flags, NULL };

/* ---- system calls, address families, namespaces ---- */

/* append the words of @value; where it begins with '~' each word gets one. "" resets */
static int store_signed(const struct key_place *at, const char *value, char ***field, bool (*valid)(const char *), const char *what)
{
	bool deny = *value == '~';
	const char *p = value + deny;
	char *word;
	int r;

	if (!*value)
		clear_strv(NULL, field);
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

static int parse_archs(const struct key_place *at, const struct key *k, const char *value, void *field)
{
	return store_signed(at, value, field, arch_valid, "architecture");
}

const struct key_kind kind_syscalls = { "system calls and @groups, denied after \"~\"", parse_syscalls, format_strv, clear_strv };
const struct key_kind kind_families = { "AF_ names, denied after \"~\", or \"none\"", parse_families, format_strv, clear_strv };
const struct key_kind kind_archs = { "architectures", parse_archs, format_strv, clear_strv };

static int parse_errno(const struct key_place *at, const struct key *k, const char *value, void *field)
{
	int e = !*value || streq(value, "kill") ? 0 : errno_by_name(value);

	if (e < 0)
		return key_bad(at, "\"%s\" is no error name", value);
	*(uint32_t *)field = (uint32_t)e;
	return 0;
}

static void format_errno(const struct key *k, const void *field, struct buf *out)
{
	uint32_t e = *(const uint32_t *)field;
	const char *name = e ? strerrorname_np((int)e) : "kill";

	if (name)
		buf_adds(out, name);
	else
		buf_addf(out, "%u", e);
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

/* ---- credentials ---- */

static bool credential_id_valid(const char *s)
{
	return *s && strlen(s) <= 255 && !strchr(s, '/') && !streq(s, ".") && !streq(s, "..");
}

static void credential_done(struct ipc_exec_credential *c)
{
	free((char *)c->id);
	free((char *)c->path);
	free((void *)c->data.data);
}

/* a later one of the same id takes the place of the earlier. *@path and *@data are taken over in any case. */
static int credential_put(struct exec_context *c, char *id, char *path, void *data, size_t len)
{
	struct ipc_exec_credential new = { .id = id, .path = path, .data = { data, len } }, *grown;

	for (size_t i = 0; i < c->n_credentials; i++) {
		/* a value set in the unit stands in for a file that is not there; it does not hide the file */
		if (!streq(c->credentials[i].id, id) || !c->credentials[i].path != !path)
			continue;
		credential_done(&c->credentials[i]);
		c->credentials[i] = new;
		return 0;
	}
	grown = c->n_credentials < 256 ? reallocarray(c->credentials, c->n_credentials + 1, sizeof(*grown)) : NULL;
	if (!grown) {
		credential_done(&new);
		return -ENOMEM;
	}
	c->credentials = grown;
	grown[c->n_credentials++] = new;
	return 0;
}

static void clear_credentials(const struct key *k, void *field)
{
	struct exec_context *c = field;

	for (size_t i = 0; i < c->n_credentials; i++)
		credential_done(&c->credentials[i]);
	free(c->credentials);
	c->credentials = NULL;
	c->n_credentials = 0;
}

static int credential_split(const struct key_place *at, const char *value, char **id, char **rest)
{
	_cleanup_(freep) char *s = NULL;
	char *colon;
	int r = specifier_expand(at->unit, value, &s, &(size_t){ 0 });

	if (r < 0)
		return r == -ENOMEM ? r : key_bad(at, "a specifier cannot be expanded");
	colon = strchr(s, ':');
	if (colon)
		*colon++ = 0;
	if (!credential_id_valid(s))
		return key_bad(at, "\"%s\" is no name of a credential", s);
	*id = strdup(s);
	*rest = colon ? strdup(colon) : NULL;
	return !*id || (colon && !*rest) ? -ENOMEM : 0;
}

static int parse_load_credential(const struct key_place *at, const struct key *k, const char *value, void *field)
{
	_cleanup_(freep) char *id = NULL, *path = NULL;
	int r;

	if (!*value) {
		clear_credentials(k, field);
		return 0;
	}
	r = credential_split(at, value, &id, &path);
	if (r < 0)
		return r;
	if (!path)
		path = strdup(id);
	if (!path)
		return -ENOMEM;
	if (*path != '/' && !credential_id_valid(path))
		return key_bad(at, "\"%s\" is neither an absolute path nor the name of a credential", path);
	return credential_put(field, TAKE_PTR(id), TAKE_PTR(path), NULL, 0);
}

static int parse_set_credential(const struct key_place *at, const struct key *k, const char *value, void *field)
{
	_cleanup_(freep) char *id = NULL, *data = NULL;
	size_t len;
	int r;

	if (!*value) {
		clear_credentials(k, field);
		return 0;
	}
	r = credential_split(at, value, &id, &data);
	if (r < 0)
		return r;
	if (!data)
		return key_bad(at, "a credential needs ID:VALUE");
	len = strlen(data);
	return credential_put(field, TAKE_PTR(id), NULL, TAKE_PTR(data), len);
}

static void format_credentials(const struct key *k, const void *field, struct buf *out)
{
	const struct exec_context *c = field;
	bool load = k->kind == &kind_load_credential;
	const char *sep = "";

	for (size_t i = 0; i < c->n_credentials; i++) {
		if (load != !!c->credentials[i].path)
			continue;
		buf_addf(out, "%s%s", sep, c->credentials[i].id);
		if (load)
			buf_addf(out, ":%s", c->credentials[i].path);
		sep = " ";
	}
}

const struct key_kind kind_load_credential = { "ID[:PATH]", parse_load_credential, format_credentials, clear_credentials };
const struct key_kind kind_set_credential = { "ID:VALUE", parse_set_credential, format_credentials, clear_credentials };
