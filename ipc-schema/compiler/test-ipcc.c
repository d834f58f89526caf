/* test-ipcc.c - the schema compiler: what it writes for a good schema, and its one line for each kind of mistake */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char dir[] = "/tmp/test-ipcc.XXXXXX", ipcc[PATH_MAX];

static void put(const char *name, const char *text)
{
	char path[128];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "we");
	assert_non_null(f);
	assert_int_equal(fwrite(text, 1, strlen(text), f), strlen(text));
	assert_int_equal(fclose(f), 0);
}

static char *get(const char *name, char *text, size_t size)
{
	char path[128];
	size_t n;
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "re");
	assert_non_null(f);
	n = fread(text, 1, size - 1, f);
	text[n] = '\0';
	fclose(f);
	return text;
}

/* Runs ipcc in the folder, on the files named; its exit status, and what it said. */
static int compile(const char *files, char *said, size_t size)
{
	char command[PATH_MAX + 256];
	size_t n;
	FILE *p;

	snprintf(command, sizeof(command), "cd %s && %s -o . %s 2>&1", dir, ipcc, files);
	p = popen(command, "re");
	assert_non_null(p);
	n = fread(said, 1, size - 1, p);
	said[n] = '\0';
	n = (size_t)pclose(p);
	return WIFEXITED((int)n) ? WEXITSTATUS((int)n) : -1;
}

struct row { const char *text, *said; };
static void mistake(void **state)
{
	const struct row *row = *state;
	char said[4096], expected[4096];

	put("a.ipc", row->text);
	assert_int_equal(compile("a.ipc", said, sizeof(said)), 1);
	snprintf(expected, sizeof(expected), "a.ipc:%s\n", row->said);
	assert_string_equal(said, expected);
}

static void good_schema(void **state)
{
	char said[4096], text[65536];
	struct stat first, second;
	char path[128];

	put("a.ipc", "# a.ipc - the first\n"
		     "/// of a thing\nenum kind { none = 0; /// a bar | here\nsome = -2147483648; }\n"
		     "struct pair { 1: thing one; 3: optional list<thing, 2> more; }\n"
		     "/// ends */ here\nstruct thing { 1: kind what; 2: optional i64 n [-9..9]; 3: str<5> name; 4: list<str<2>, 3> names; }\n");
	put("b.ipc", "struct nothing { }\n"
		     "socket b { path \"/run/b\"; events \"/run/b-events\"; /// says \"hi\" \\ there\nmethod ask = 2 : root dedup (pair) -> nothing;\n"
		     "event told = 7 (thing); }\nframes one_way { event go = 1 (nothing); }\n");
	assert_int_equal(compile("b.ipc a.ipc", said, sizeof(said)), 0);
	assert_string_equal(said, "");
	get("a.ipc.h", text, sizeof(text));
	assert_non_null(strstr(text, "IPC_KIND_SOME = -2147483647 - 1,"));
	assert_non_null(strstr(text, "\tint64_t n;\n\tbool has_n;\n\tconst char *name;\n\tconst char **names;\n\tsize_t n_names;\n"));
	assert_non_null(strstr(text, "\tstruct ipc_thing one;\n\tstruct ipc_thing *more;\n\tsize_t n_more;\n\tbool has_more;\n"));
	assert_true(strstr(text, "struct ipc_thing {") < strstr(text, "struct ipc_pair {"));
	get("b.ipc.h", text, sizeof(text));
	assert_non_null(strstr(text, "IPC_B_ASK = 2,"));
	assert_non_null(strstr(text, "IPC_B_EV_TOLD = 7,"));
	assert_non_null(strstr(text, "IPC_ONE_WAY_EV_GO = 1,"));
	get("reference.md", text, sizeof(text));
	assert_non_null(strstr(text, "## a.ipc: the first"));
	assert_non_null(strstr(text, "| -2147483648 | some | a bar \\| here |"));
	assert_non_null(strstr(text, "| 2 | n (optional) | i64 | -9..9 |  |"));
	assert_non_null(strstr(text, "| 2 | ask | root | yes | [pair](#struct-pair) | [nothing](#struct-nothing) | says \"hi\" \\ there |"));
	snprintf(path, sizeof(path), "%s/schema.h", dir);
	assert_int_equal(stat(path, &first), 0);
	assert_int_equal(compile("b.ipc a.ipc", said, sizeof(said)), 0);
	assert_int_equal(stat(path, &second), 0);
	assert_int_equal(first.st_mtim.tv_nsec, second.st_mtim.tv_nsec);        /* nothing new: the file is left alone */
}

/* What was written is C: gcc takes it. */
static void good_c(void **state)
{
	char command[PATH_MAX + 512], here[PATH_MAX];

	good_schema(state);
	assert_non_null(getcwd(here, sizeof(here)));
	snprintf(command, sizeof(command), "gcc -std=gnu17 -Wall -Wextra -Werror -Wno-missing-field-initializers -fsyntax-only "
		 "-I%s/ipc-schema/runtime %s/schema.c", here, dir);
	assert_int_equal(system(command), 0);
}

static void across_files(void **state)
{
	char said[4096];

	put("a.ipc", "struct x { 1: y inner; }\n");
	put("b.ipc", "struct y { 1: bool b; }\nstruct z { 1: x x; }\n");
	assert_int_equal(compile("a.ipc b.ipc", said, sizeof(said)), 1);
	assert_string_equal(said, "b.ipc:1:1: this file and a.ipc need each other's types, expected one direction\n");
	put("b.ipc", "struct x { 1: bool b; }\n");
	assert_int_equal(compile("a.ipc b.ipc", said, sizeof(said)), 1);
	assert_string_equal(said, "a.ipc:1:15: unknown type 'y', expected a basic type, enum or struct\n"
				  "b.ipc:1:8: name 'x' is taken at a.ipc:1:8, expected a new one\n");
	assert_int_equal(compile("no.ipc", said, sizeof(said)), 1);
	assert_string_equal(said, "no.ipc: cannot read: No such file or directory\n");
	put("odd.txt", "");
	assert_int_equal(compile("odd.txt", said, sizeof(said)), 1);
	assert_string_equal(said, "odd.txt:1:1: bad file name, expected NAME.ipc\n");
	assert_int_equal(compile("", said, sizeof(said)), 2);
}

static void too_many_fields(void **state)
{
	char text[8192] = "struct s {\n", said[4096];

	for (int i = 1; i <= 257; i++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "%d: bool f%d;\n", i, i);
	strcat(text, "}\n");
	put("a.ipc", text);
	assert_int_equal(compile("a.ipc", said, sizeof(said)), 1);
	assert_string_equal(said, "a.ipc:258:11: struct 's' has too many fields, expected at most 256\n");
}

/* Any cut of a schema is refused or taken, never a crash (ASan watches). */
static void any_cut(void **state)
{
	static const char text[] = "/// d\nenum e { a = 1; }\nstruct s { 1: optional list<str<4>, 2> f; 2: u8 g [1..2]; }\n"
				   "socket k { path \"/p\"; method m = 1 : any dedup (s) -> s; }\n";
	char cut[sizeof(text)], said[4096];

	for (size_t n = 0; n < sizeof(text); n += 3) {
		int r;

		memcpy(cut, text, n);
		cut[n] = '\0';
		put("a.ipc", cut);
		r = compile("a.ipc", said, sizeof(said));
		assert_true(r == 0 || (r == 1 && strncmp(said, "a.ipc:", 6) == 0));
	}
}

#define BAD(text, said) { #text, mistake, NULL, NULL, &(struct row){ text, said } }
static const struct CMUnitTest tests[] = {
	cmocka_unit_test(good_schema), cmocka_unit_test(good_c), cmocka_unit_test(across_files), cmocka_unit_test(too_many_fields),
	cmocka_unit_test(any_cut),
	BAD("struc a { }", "1:1: unexpected 'struc', expected 'enum', 'struct', 'socket' or 'frames'"),
	BAD("struct { }", "1:8: unexpected '{', expected name of the struct"),
	BAD("struct A { }", "1:8: unexpected character 'A', expected a word of the schema language"),
	BAD("struct aB { }", "1:9: character 'B' in a name, expected a-z, 0-9 or _"),
	BAD("struct a", "1:9: unexpected end of file, expected '{'"),
	BAD("struct a {\n", "2:1: unexpected end of file, expected number of a field or '}'"),
	BAD("struct a {\n\t0: u8 x;\n}", "2:2: number of a field 0 is out of range, expected 1..65535"),
	BAD("struct a {\n\t1 u8 x;\n}", "2:4: unexpected 'u8', expected ':'"),
	BAD("struct a {\n\t1: u9 x;\n}", "2:5: unknown type 'u9', expected a basic type, enum or struct"),
	BAD("struct a { 1: str x; }", "1:19: unexpected 'x', expected '<'"),
	BAD("struct a { 1: str<0> x; }", "1:19: length 0 is out of range, expected 1..16777216"),
	BAD("struct a { 1: list<list<u8, 2>, 2> x; }", "1:20: a list inside a list, expected a struct around the inner one"),
	BAD("struct a { 1: list<u8> x; }", "1:22: unexpected '>', expected ','"),
	BAD("struct a { 1: list<u8, 70000> x; }", "1:24: length of a list 70000 is out of range, expected 1..65536"),
	BAD("struct a { 1: list<optional u8, 2> x; }", "1:20: 'optional' in this place, expected it right behind the ':'"),
	BAD("struct a { 1: u8 x; 1: u8 y; }", "1:27: field number 1 behind 1, expected rising numbers"),
	BAD("struct a { 2: u8 x; 1: u8 y; }", "1:27: field number 1 behind 2, expected rising numbers"),
	BAD("struct a { 1: u8 x; 2: u8 x; }", "1:27: field 'x' is there already, expected a new name"),
	BAD("struct a { 1: u8 n_x; 2: list<u8, 2> x; }", "1:38: field 'x' and 'n_x' need the same C name, expected another"),
	BAD("struct a { 1: optional u8 x; 2: u8 has_x; }", "1:36: field 'has_x' and 'x' need the same C name, expected another"),
	BAD("struct a { 1: u8 int; }", "1:18: name 'int' means something in C, expected another"),
	BAD("struct a { 1: u8 x [1..256]; }", "1:18: range of field 'x' does not fit its type, expected within 0..255"),
	BAD("struct a { 1: u8 x [5..4]; }", "1:18: range of field 'x' is empty, expected lowest..highest"),
	BAD("struct a { 1: bool x [0..1]; }", "1:20: range on field 'x' that is no integer, expected none"),
	BAD("struct a { 1: u8 x [1.2]; }", "1:22: unexpected character '.', expected a word of the schema language"),
	BAD("struct a { 1: u8 x [1..99999999999999999999]; }", "1:24: number too large, expected at most 9223372036854775807"),
	BAD("struct a { 1: u8 x [0x1..2]; }", "1:22: character 'x' in a number, expected a decimal digit"),
	BAD("struct a { 1: i8 x [-..2]; }", "1:22: '-' without a number, expected a digit"),
	BAD("struct a { 1: a x; }", "1:15: struct 'a' contains itself by field 'x', expected no recursion"),
	BAD("struct a { 1: list<b, 2> x; }\nstruct b { 1: a y; }", "2:15: struct 'a' contains itself by field 'y', expected no recursion"),
	BAD("struct a { }\nstruct a { }", "2:8: name 'a' is taken at a.ipc:1:8, expected a new one"),
	BAD("struct a { }\nenum a { x = 1; }", "2:6: name 'a' is taken at a.ipc:1:8, expected a new one"),
	BAD("struct u8 { }", "1:8: name 'u8' is a type of the language, expected another"),
	BAD("enum e { }", "1:6: enum 'e' is empty, expected a value"),
	BAD("enum e { a = 1; a = 2; }", "1:17: value 'a' is there already, expected a new name"),
	BAD("enum e { a = 1; b = 1; }", "1:17: number 1 belongs to 'a', expected a new one"),
	BAD("enum e { a = 2147483648; }", "1:14: value 2147483648 is out of range, expected -2147483648..2147483647"),
	BAD("enum e { a 1; }", "1:12: unexpected '1', expected '='"),
	BAD("enum a_b { c = 1; }\nenum a { b_c = 1; }", "2:10: the C name of this is the same as of a.ipc:1:12, expected another name"),
	BAD("socket s { }", "1:8: socket 's' without a path, expected path \"...\";"),
	BAD("socket s { path \"run\"; }", "1:17: bad path \"run\", expected an absolute one of at most 107 bytes"),
	BAD("socket s { path \"/a\"; path \"/b\"; }", "1:23: 'path' a second time, expected it once"),
	BAD("socket s { path \"/a\\\"; }", "1:20: backslash inside a string, expected '\"'"),
	BAD("socket s { path \"/a\n\"; }", "1:20: end of line inside a string, expected '\"'"),
	BAD("socket s { path \"/a", "1:20: end of file inside a string, expected '\"'"),
	BAD("struct a { }\nsocket s { path \"/a\"; event e = 1 (a); }", "2:29: event in socket 's', expected events \"...\"; in it"),
	BAD("socket s { path \"/a\"; events \"/b\"; }", "1:8: socket 's' has a path for events, expected an event"),
	BAD("socket s { path \"/a\"; method m = 1 : all (a) -> a; }", "1:38: unexpected 'all', expected who may call it: 'any' or 'root'"),
	BAD("socket s { path \"/a\"; method m = 1 : any (a) -> a; }",
	    "1:43: unknown name 'a', expected a struct\na.ipc:1:49: unknown name 'a', expected a struct"),
	BAD("enum a { x = 1; }\nframes s { event m = 1 (a); }", "2:25: enum 'a', expected a struct"),
	BAD("struct a { }\nframes s { event m = 2 (a); event n = 2 (a); }", "2:35: event number 2 behind 2, expected rising numbers"),
	BAD("struct a { }\nframes s { event m = 1 (a); event m = 2 (a); }", "2:35: event 'm' is there already, expected a new name"),
	BAD("struct a { }\nframes s { method m = 1 : any (a) -> a; }", "2:12: unexpected 'method', expected 'event' or '}'"),
	BAD("struct a {\n\t/// lost\n}", "2:2: documentation in front of '}', expected it in front of an item"),
	BAD("struct a { }\n/// lost\n", "2:1: documentation in front of 'end of file', expected it in front of an item"),
	BAD("struct a { };", "1:13: unexpected ';', expected 'enum', 'struct', 'socket' or 'frames'"),
	BAD("// no comment", "1:1: unexpected character '/', expected a word of the schema language"),
	BAD("struct a { } \x01", "1:14: unexpected byte 0x01, expected plain text"),
	BAD("\xc3\xa4", "1:1: unexpected byte 0xc3, expected plain text"),
};

int main(void)
{
	ssize_t n = readlink("/proc/self/exe", ipcc, sizeof(ipcc) - 8);
	char command[128];
	int r;

	if (n < 0 || !mkdtemp(dir))
		return 1;
	ipcc[n] = '\0';
	strcpy(strrchr(ipcc, '/') + 1, "ipcc");         /* beside the test */
	r = cmocka_run_group_tests(tests, NULL, NULL);
	snprintf(command, sizeof(command), "rm -r %s", dir);
	return system(command) == 0 ? r : 1;
}
