/* test-apply.c - rules applied to devices of a small tree: every key, substitutions, escapes, GOTO; with the index and without */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "devctl/test-tree.h"
#include "event/event.h"
#include "rules.h"

#define NULLDEV "/devices/virtual/mem/null"
#define SDA "/devices/pci0000:00/0000:00:1f.2/block/sda"
#define SDA1 SDA "/sda1"
#define LO "/devices/virtual/net/lo"

static int user(const char *name, uint32_t *ret)
{
	*ret = streq(name, "root") ? 0 : 6;
	return streq(name, "root") || streq(name, "disk") ? 0 : -ESRCH;
}
static const struct rules_names names = { user, user };

/* "echo WORDS": the words; "fail": status 1; "lost": no such program */
static int program(struct event *e, const char *command, struct buf *out)
{
	if (startswith(command, "echo "))
		buf_addf(out, "%s\n", command + 5);
	return streq(command, "fail") ? 1 : streq(command, "lost") ? -ENOENT : 0;
}

static struct buf written;
static int write_value(struct event *e, const char *path, const char *value)
{
	buf_addf(&written, "%s=%s ", path + strlen(tree_root), value);
	return 0;
}
static const struct event_host host = { program, write_value };

/* what an event decided, in one line: properties that rules set, then what else there is */
static void show(struct event *e, size_t had, struct buf *out)
{
	struct device *d = e->dev;

	for (size_t i = had; i < d->n_props; i++)
		buf_addf(out, "%s=%s ", d->props[i].key, d->props[i].value);
	for (size_t i = 0; i < d->links.n; i++)
		buf_addf(out, "%s ", d->links.v[i]);
	for (size_t i = 0; i < d->current_tags.n; i++)
		buf_addf(out, "#%s ", d->current_tags.v[i]);
	for (struct event_run *r = e->run; r; r = r->next)
		buf_addf(out, "%s:%s ", r->builtin < 0 ? "run" : "builtin", r->command);
	for (struct event_label *l = e->labels; l; l = l->next)
		buf_addf(out, "%s:%s ", l->module, l->label);
	if (e->name)
		buf_addf(out, "name:%s ", e->name);
	if (e->mode >= 0)
		buf_addf(out, "%04o ", (unsigned)e->mode);
	if (e->uid >= 0 || e->gid >= 0)
		buf_addf(out, "%d:%d ", (int)e->uid, (int)e->gid);
	if (d->link_priority)
		buf_addf(out, "priority:%d ", d->link_priority);
	if (e->watch >= 0)
		buf_addf(out, "watch:%d ", e->watch);
	buf_addf(out, "%s%s%s", d->db_persist ? "persist " : "", e->dump ? "dump " : "", buf_str(&written));
}

static void apply(struct rules *r, const char *action, const char *path, struct buf *out)
{
	struct arena arena = ARENA_HEAP(4u << 20);
	struct database db = { tree_path("run") };
	struct device *d, *old;
	struct event e;

	buf_reset(&written);
	assert_int_equal(device_open(&d, &arena, tree_path("sys"), path), 0);
	assert_int_equal(device_open(&old, &arena, d->sysfs, path), 0);
	assert_int_equal(device_set(old, "OLD", "known", true), 0);
	event_init(&e, &arena, d, action);
	e.old = old;
	e.db = &db;
	e.host = &host;
	e.proc = tree_path("proc");
	size_t had = d->n_props;

	assert_int_equal(rules_apply(r, &e), 0);
	show(&e, had, out);
	arena_reset(&arena);
}

struct row { const char *action, *path, *rules, *out; };

static void apply_row(void **state)
{
	const struct row *row = *state;
	struct rules *r;

	for (int index = 0; index < 2; index++) {
		struct buf out = { 0 };

		assert_int_equal(rules_new(&r, NULL, &names), 0);
		assert_int_equal(rules_add_text(r, "f", row->rules, strlen(row->rules)), 0);
		rules_use_index(r, index);
		apply(r, row->action, row->path, &out);
		assert_string_equal(buf_str(&out), row->out);
		buf_finish(&out);
		rules_free(r);
	}
	buf_finish(&written);
}
#define ROW(...) { #__VA_ARGS__, apply_row, NULL, NULL, &(struct row){ __VA_ARGS__ } }
#define M(match, hit) ROW("add", SDA, match ",ENV{H}=\"1\"", hit ? "H=1 " : "")

static const struct CMUnitTest tests[] = {
	/* what a match looks at */
	M("ACTION==\"add|change\"", 1), M("ACTION==\"change\"", 0), M("ACTION!=\"remove\"", 1), M("DEVPATH==\"*/block/s?a\"", 1),
	M("KERNEL==\"sd*\"", 1), M("KERNEL==\"sd[!b]\"", 1), M("KERNEL==\"[b-z]d[a-c]\"", 1), M("KERNEL!=\"sd*\"", 0), M("KERNEL==\"SDA\"", 0), M("KERNEL==i\"SDA\"", 1),
	M("KERNEL==\"x||y\"", 0), M("KERNEL==\"?*\"", 1), M("KERNEL==\"\"", 0), M("KERNEL==i\"S*\"", 1), M("KERNEL==e\"\\x73da\"", 1),
	M("SUBSYSTEM==\"block\"", 1), M("SUBSYSTEM==\"bus\"", 0), M("SUBSYSTEM!=\"net\"", 1), M("DRIVER==\"\"", 1), M("DRIVER==\"?*\"", 0),
	M("ENV{DEVTYPE}==\"disk\"", 1), M("ENV{NOPE}==\"\"", 1), M("ENV{NOPE}!=\"x\"", 1), M("ENV{NOPE}==\"a||b\"", 1), M("ENV{NOPE}!=\"?*\"", 1),
	M("ATTR{size}==\"2048\"", 1), M("ATTR{size}!=\"1\"", 1), M("ATTR{nope}!=\"1\"", 0), M("ATTR{nope}==\"\"", 0), M("ATTR{queue/rotational}==\"0\"", 1),
	M("ATTR{model}==\"Some  disk\"", 1), M("ATTR{model}==\"Some  disk \"", 0), M("ATTR{model}==\"Some  disk \t\"", 1), M("ATTR{subsystem}==\"block\"", 1), M("ATTR{queue}==\"*\"", 0),
	M("ATTR{[net/lo]address}==\"00:*\"", 1), M("ENV{X}=\"size\",ATTR{$env{X}}==\"2048\"", 0), M("ATTR{[net/nope]address}!=\"00:*\"", 0),
	M("KERNELS==\"0000:00:1f.2\"", 1), M("SUBSYSTEMS==\"pci\"", 1), M("DRIVERS==\"ahci\"", 1), M("ATTRS{vendor}==\"0x8086\"", 1), M("DRIVERS==\"?*\"", 1),
	M("SUBSYSTEMS==\"block\",ATTRS{vendor}==\"0x8086\"", 0), M("SUBSYSTEMS==\"pci\",ATTRS{vendor}==\"0x8086\",DRIVERS==\"ahci\"", 1), M("TAGS==\"x\"", 0), M("TAGS!=\"x\"", 1),
	M("SYSCTL{kernel/ostype}==\"Linux\"", 1), M("SYSCTL{kernel.ostype}!=\"Linux\"", 0), M("SYSCTL{nope}==\"\"", 1),
	M("CONST{arch}==\"?*\"", 1), M("CONST{arch}==\"nope\"", 0), M("CONST{virt}==\"?*\"", 1), M("CONST{virt}==\"nope\"", 0),
	M("TEST==\"queue/rotational\"", 1), M("TEST==\"nope\"", 0), M("TEST!=\"nope\"", 1), M("TEST==\"/\"", 1), M("TEST{0111}==\"size\"", 0), M("TEST{0444}==\"size\"", 1),
	M("TEST==\"*/rotational\"", 1), M("TEST==\"[net/lo]address\"", 1), M("NAME==\"\"", 1), M("SYMLINK==\"x\"", 0), M("SYMLINK!=\"x\"", 1), M("TAG==\"x\"", 0),
	M("PROGRAM==\"true\"", 1), M("PROGRAM==\"fail\"", 0), M("PROGRAM!=\"fail\"", 1), M("PROGRAM==\"lost\"", 0), M("RESULT==\"\"", 1),
	M("PROGRAM=\"echo a b\",RESULT==\"a b\"", 1), M("RESULT!=\"a b\",PROGRAM=\"echo a b\"", 0),
	/* matches of what rules did before */
	ROW("add", SDA, "SYMLINK+=\"a b\",TAG+=\"t\"\nSYMLINK==\"b\",TAG==\"t\",ENV{H}=\"1\"\nSYMLINK!=\"b\",ENV{I}=\"1\"\nTAG!=\"t\",ENV{I}=\"1\"", "H=1 /dev/a /dev/b #t "),
	ROW("add", LO, "NAME=\"x0\"\nNAME==\"x*\",ENV{H}=\"1\"", "H=1 name:x0 "),
	/* IMPORT */
	ROW("add", SDA, "IMPORT{program}=\"echo A=1\"\nIMPORT{program}!=\"fail\",ENV{B}=\"2\"", "A=1 B=2 "),
	ROW("add", SDA, "IMPORT{db}==\"OLD\",ENV{H}=\"1\"\nIMPORT{db}==\"NEW\",ENV{I}=\"1\"", "OLD=known H=1 "),
	ROW("add", SDA, "IMPORT{cmdline}==\"ro\"\nIMPORT{cmdline}==\"word\"\nIMPORT{cmdline}!=\"nope\",ENV{H}=\"1\"", "ro=1 word=two words H=1 "),
	ROW("add", SDA1, "IMPORT{parent}=\"DEVTYPE\"\nIMPORT{parent}=\"MAJ*\"", ""),
	ROW("add", SDA, "IMPORT{parent}=\"PCI_*\"", "PCI_ID=8086:2922 "),
	ROW("add", SDA, "IMPORT{builtin}==\"kmod x\",ENV{H}=\"1\"\nIMPORT{builtin}!=\"kmod x\",ENV{I}=\"1\"", "I=1 "),
	/* ENV */
	ROW("add", SDA, "ENV{A}=\"1\",ENV{B}=\"2\"\nENV{A}+=\"3\"\nENV{B}=\"\"\nENV{C}+=\"\",ENV{D}+=\"x\"", "A=1 3 D=x "),
	ROW("add", SDA, "ENV{A}=\"a;b c\"\nOPTIONS=\"string_escape=replace\",ENV{B}=\"a;b c\"\nENV{C}=e\"\\x41\\tb\",ENV{D}=\"\\x41\\t\"", "A=a;b c B=a_b_c C=A\tb D=\\x41\\t "),
	/* SYMLINK and escapes */
	ROW("add", SDA, "SYMLINK=\"a\"\nSYMLINK+=\"b/c  d\"\nSYMLINK+=\"a\"", "/dev/a /dev/b/c /dev/d "),
	ROW("add", SDA, "SYMLINK=\"a\"\nSYMLINK:=\"b\"\nSYMLINK+=\"c\"", "/dev/b "),
	ROW("add", SDA, "SYMLINK+=\"x;y\",OPTIONS+=\"string_escape=none\"\nSYMLINK+=\"x;z \\x20\xc3\xa9\"", "/dev/x;y /dev/x_z /dev/\\x20\xc3\xa9 "),
	ROW("add", SDA, "SYMLINK+=\"p q\",OPTIONS+=\"string_escape=replace\"\nSYMLINK+=\"m-$attr{model}\"", "/dev/p_q /dev/m-Some_disk "),
	ROW("add", SDA, "SYMLINK+=\"../etc/passwd a/../../b ok\"", "/dev/ok "),
	ROW("add", LO, "SYMLINK+=\"a\",ENV{A}=\"1\"", "A=1 "), ROW("add", SDA, "NAME=\"x\",ENV{A}=\"1\"", "A=1 "),
	/* TAG, OPTIONS, permissions */
	ROW("add", SDA, "TAG+=\"a\",TAG+=\"b\"\nTAG-=\"a\"", "#b "), ROW("add", SDA, "TAG+=\"a\"\nTAG=\"b\"\nTAG+=\"no tag\"", "#b "),
	ROW("add", SDA, "OPTIONS+=\"link_priority=-7\",OPTIONS+=\"db_persist\",OPTIONS+=\"watch\",OPTIONS+=\"dump\"\nOPTIONS+=\"nowatch\"", "priority:-7 watch:0 persist dump "),
	ROW("add", SDA, "OWNER=\"disk\",GROUP=\"disk\",MODE=\"0640\"", "0640 6:6 "), ROW("add", SDA, "OWNER=\"who\",MODE=\"$env{DEVTYPE}\"", ""),
	ROW("add", SDA, "ENV{M}=\"600\",ENV{G}=\"disk\"\nMODE=\"$env{M}\",GROUP=\"$env{G}\"", "M=600 G=disk 0600 -1:6 "),
	ROW("add", SDA, "MODE:=\"0600\",GROUP:=\"root\"\nMODE=\"0666\",GROUP=\"disk\"", "0600 -1:0 "),
	ROW("add", SDA, "SECLABEL{selinux}=\"l-%k\"", "selinux:l-sda "),
	ROW("add", LO, "NAME:=\"a:b\"\nNAME=\"c\"", "name:a_b "),
	/* RUN, ATTR, SYSCTL assigned */
	ROW("add", SDA, "RUN+=\"a %k\",RUN{builtin}+=\"kmod load x\"\nRUN+=\"a %k\"", "builtin:kmod load x run:a sda run:a sda "),
	ROW("add", SDA, "RUN+=\"a\"\nRUN=\"b\"\nRUN{program}:=\"c\"\nRUN+=\"d\"", "run:c "), ROW("add", SDA, "RUN+=\"$env{A}\",ENV{A}=\"1\"\nENV{A}=\"2\"", "A=2 run:1 "),
	ROW("add", SDA, "ATTR{queue/rotational}=\"%n1\"", "/sys" SDA "/queue/rotational=1 "), ROW("add", SDA, "ATTR{[net/lo]mtu}=\"9\"", "/sys" LO "/mtu=9 "),
	ROW("add", SDA, "ATTR{*/rotational}=\"1\"", "/sys" SDA "/queue/rotational=1 "), ROW("add", SDA, "SYSCTL{kernel.x}=\"1\"", "/proc/sys/kernel/x=1 "),
	/* substitutions */
	ROW("add", SDA1, "ENV{A}=\"$kernel %k $number %n $devpath\"", "A=sda1 sda1 1 1 " SDA1 " "),
	ROW("add", SDA, "SUBSYSTEMS==\"pci\",ENV{A}=\"$id %b $driver %n|\"", "A=0000:00:1f.2 0000:00:1f.2 ahci | "),
	ROW("add", SDA, "ENV{A}=\"$id|$driver|$result|$links|$env{NOPE}|$attr{nope}|\"", "A=|||||| "),
	ROW("add", SDA, "SUBSYSTEMS==\"pci\",ENV{A}=\"%s{vendor} $attr{size} $sysfs{both}\"", "A=0x8086 2048 controller "),
	ROW("add", SDA1, "ENV{A}=\"%P $parent\",ENV{B}=\"%M:%m $major:$minor\",ENV{C}=\"$name %D\"", "A=sda sda B=8:1 8:1 C=sda1 sda1 "),
	ROW("add", SDA, "SYMLINK+=\"a b\"\nENV{A}=\"$links %L\",ENV{B}=\"$root %r $devnode %N $tempnode\"", "A=a b a b B=/dev /dev /dev/sda /dev/sda /dev/sda /dev/a /dev/b "),
	ROW("add", SDA, "PROGRAM=\"echo one two  three\",ENV{A}=\"%c|%c{1}|%c{2}|$result{2+}|%c{9}|\"", "A=one two  three|one|two|two  three|| "),
	ROW("add", SDA, "PROGRAM=\"echo a;b$$\",ENV{A}=\"%c\",ENV{B}=\"$$x %%\"", "A=a_b$ B=$x % "),
	ROW("add", SDA, "ENV{A}=\"x$nope %q\",ENV{B}=\"a$attr{}b\",ENV{C}=\"a%c{x}b\"", "A=x$nope %q B=a C=ab "),
	ROW("add", "/devices/virtual/block/cciss!c0d0", "ENV{A}=\"%k %N %n\"\nKERNEL==\"cciss/*\",ENV{B}=\"1\"", "A=cciss/c0d0 /dev/cciss/c0d0 0 B=1 "),
	ROW("add", LO, "NAME=\"x1\"\nENV{A}=\"$name %k\"", "A=x1 lo name:x1 "),
	/* GOTO */
	ROW("add", SDA, "GOTO=\"e\"\nENV{A}=\"1\"\nLABEL=\"e\",ENV{B}=\"2\"", "B=2 "), ROW("add", SDA, "KERNEL==\"nope\",GOTO=\"e\"\nENV{A}=\"1\"\nLABEL=\"e\"", "A=1 "),
	ROW("add", SDA, "SUBSYSTEM!=\"block\",GOTO=\"e\"\nENV{A}=\"1\"\nLABEL=\"e\"", "A=1 "), ROW("add", LO, "SUBSYSTEM!=\"block\",GOTO=\"e\"\nENV{A}=\"1\"\nLABEL=\"e\"\nENV{B}=\"1\"", "B=1 "),
	ROW("add", SDA, "KERNEL==\"sd*\",GOTO=\"e\"\nGOTO=\"f\"\nLABEL=\"e\"\nENV{A}=\"1\"\nLABEL=\"f\"", "A=1 "),
	ROW("add", SDA, "LABEL=\"e\"\nGOTO=\"e\"\nENV{A}=\"1\"", "A=1 "),
	/* order within a rule: matches, imports, assignments, whatever the order they stand in */
	ROW("add", SDA, "ENV{A}=\"1\",KERNEL==\"nope\"", ""), ROW("add", SDA, "ENV{B}=\"$env{A}\",IMPORT{program}=\"echo A=1\"", "A=1 B=1 "),
	ROW("add", SDA, "MODE=\"0777\",MODE:=\"$env{NOPE}\"", ""),
	ROW("remove", SDA, "SYMLINK+=\"a\"\nENV{A}=\"1\"", "A=1 "),
};

/* what the index leaves out cannot match: many made-up files, with and without it */
static void same_without_index(void **state)
{
	static const char *const matches[] = { "ACTION==\"add\",", "ACTION!=\"a*\",", "SUBSYSTEM==\"block|mem\",", "SUBSYSTEM!=\"net\",", "SUBSYSTEM==\"?*\",", "SUBSYSTEM==\"b*\",",
		"KERNEL==\"s*\",", "KERNEL==\"lo|null\",", "KERNEL!=\"sd*\",", "KERNEL==\"[sn]*\",", "KERNEL==\"*\",", "KERNEL==i\"SDA\",", "ENV{A}==\"\",", "", "SUBSYSTEM==\"\"," };
	static const char *const paths[] = { NULLDEV, SDA, SDA1, LO, "/devices/pci0000:00/0000:00:1f.2", "/devices/pci0000:00" };
	static const char *const actions[] = { "add", "change", "remove" };
	uint64_t seed = 1;
	unsigned seen = 0;

	for (int file = 0; file < 200; file++) {
		struct buf text = { 0 };
		struct rules *r;

		for (int i = 0; i < 30; i++) {
			unsigned pick[4];

			for (size_t k = 0; k < ARRAY_SIZE(pick); k++) {
				seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
				pick[k] = (unsigned)(seed >> 33);
			}
			buf_adds(&text, matches[pick[0] % ARRAY_SIZE(matches)]);
			buf_adds(&text, matches[pick[1] % ARRAY_SIZE(matches)]);
			if (pick[2] % 4 == 0)
				buf_addf(&text, "GOTO=\"l%u\"\n", pick[3] % 4);
			else if (pick[2] % 4 == 1)
				buf_addf(&text, "LABEL=\"l%u\"\n", pick[3] % 4);
			else
				buf_addf(&text, "%s\n", pick[2] % 8 < 4 ? "ENV{A}+=\"x\"" : "ENV{B}+=\"%k\",SYMLINK+=\"l%n\"");
		}
		assert_int_equal(rules_new(&r, NULL, &names), 0);
		assert_int_equal(rules_add_text(r, "f", buf_str(&text), text.len), 0);
		for (size_t k = 0; k < ARRAY_SIZE(paths) * ARRAY_SIZE(actions); k++) {
			struct buf with = { 0 }, without = { 0 };

			rules_use_index(r, true);
			apply(r, actions[k % 3], paths[k / 3], &with);
			rules_use_index(r, false);
			apply(r, actions[k % 3], paths[k / 3], &without);
			assert_string_equal(buf_str(&with), buf_str(&without));
			seen += with.len > 0;
			buf_finish(&with);
			buf_finish(&without);
		}
		rules_free(r);
		buf_finish(&text);
	}
	assert_true(seen > 1000);                       /* it did compare something */
	buf_finish(&written);
}

int main(void)
{
	static const struct CMUnitTest more[] = { cmocka_unit_test(same_without_index) };

	return cmocka_run_group_tests(tests, tree_make, tree_remove) | cmocka_run_group_tests(more, tree_make, tree_remove);
}
