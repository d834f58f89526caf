/*
 * option.h - command line options as table rows: parsing, `--help` and the man page come from the same rows
 *
 * Grammar: getopt_long(3): words may come before or after options, "--" ends them, long names may be abbreviated.
 */
#pragma once
#include <stdio.h>
#include "buf.h"

enum option_kind {
	OPTION_FLAG,            /* bool: true */
	OPTION_OFF,             /* bool: false */
	OPTION_COUNT,           /* unsigned: one more each time */
	OPTION_BOOL,            /* bool from the argument: yes, no, true ... */
	OPTION_STRING,          /* const char *: borrowed from argv; .table (a string) where the argument was left out */
	OPTION_UNSIGNED,        /* unsigned */
	OPTION_WORDS,           /* char **: comma-separated, appended; the owner strv_free()s */
	OPTION_LIST,            /* char **: .table (a string, may be "") and the argument, appended as one; the owner strv_free()s */
	OPTION_ENUM,            /* int; arg: struct key_enum table (value.h) */
	OPTION_CONST,           /* int: set to .value */
	OPTION_ACCEPTED,        /* systemctl has it, it has no meaning here and does no harm */
	OPTION_REFUSED,         /* systemctl has it, here it would promise what is not done: an error that says .doc */
};

struct option_row {
	const char *name;       /* long name; NULL: none */
	char letter;            /* 0: none */
	enum option_kind kind;
	const char *arg;        /* word for the argument in the help; NULL: takes none; "[X]": may be left out */
	size_t off;             /* of the field in the base structure */
	const void *table;      /* OPTION_ENUM */
	int value;              /* OPTION_CONST; OPTION_ENUM with a left-out argument */
	const char *doc;        /* NULL: not in the help */
};

struct option_set { const struct option_row *rows; size_t n; const char *program; bool first_word_ends; /* as POSIXLY_CORRECT: what follows is a command line of its own */ };

/**
 * options_parse() - read @argv into @base
 * @ret_words: index of the first word in argv, which is put in order (options first)
 * Errors are printed to @err, one line each. Return: 0; 1: the values of an option were asked for ("help") and printed to @out; -EINVAL; -ENOMEM.
 */
int options_parse(const struct option_set *set, void *base, int argc, char **argv, int *ret_words, FILE *out, FILE *err);
