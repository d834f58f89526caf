/* program.c - the program devctl; all else is a library, so that tests run command lines in-process */
#include "devctl.h"

int main(int argc, char **argv) { return devctl_main(argc, argv, stdout, stderr); }
