/*
 * generic.h - call any method of any daemon by its name, from the definitions: what `sctl ipc` is
 *
 * Words: SOCKET METHOD FIELD=VALUE...   a list repeats its field, FIELD.INNER=VALUE goes into a struct
 *        SOCKET events                  print events as they come, until interrupted
 *        SOCKET METHOD help             what the method takes and gives
 *        SOCKET                         its methods and events;   nothing: all sockets
 * SOCKET is a name of the schema; NAME@PATH speaks to a daemon that listens elsewhere.
 */
#pragma once
#include <stdio.h>
#include "msg.h"

enum generic_status { GENERIC_OK = 0, GENERIC_REFUSED = 1, GENERIC_USAGE = 2, GENERIC_NO_DAEMON = 4 };

/**
 * generic_call() - do what the words say
 * @argv: the words, without the program's name
 * @json: print answers and events as JSON, one line each
 * @out:  where answers, events and help go; complaints go to stderr
 *
 * Return: a program's exit status (enum generic_status).
 */
int generic_call(int argc, char **argv, bool json, FILE *out);
