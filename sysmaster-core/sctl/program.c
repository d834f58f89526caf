/* program.c - the program itself; everything else is in a library of its own, so that tests run command lines in-process */
#include "sctl.h"

int main(int argc, char **argv)
{
	int status = sctl_main(argc, argv, stdout, stderr);

	if (fflush(stdout) != 0 || ferror(stdout))
		return status ? status : SCTL_FAILURE;
	return status;
}
