/* v4l-id.c - "v4l_id NODE": what a device of Video4Linux is and can do */
#include <fcntl.h>
#include <linux/videodev2.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include "util.h"

static const struct { uint32_t bits; const char *name; } can[] = {
	{ V4L2_CAP_VIDEO_CAPTURE | V4L2_CAP_VIDEO_CAPTURE_MPLANE, "capture" }, { V4L2_CAP_VIDEO_OUTPUT | V4L2_CAP_VIDEO_OUTPUT_MPLANE, "video_output" },
	{ V4L2_CAP_VIDEO_OVERLAY, "video_overlay" }, { V4L2_CAP_AUDIO, "audio" }, { V4L2_CAP_TUNER, "tuner" }, { V4L2_CAP_RADIO, "radio" },
};

int main(int argc, char **argv)
{
	struct v4l2_capability c = { 0 };
	_cleanup_(closep) int fd = -1;
	uint32_t bits;

	if (argc != 2 || argv[1][0] == '-') {
		bool help = argc == 2 && (streq(argv[1], "-h") || streq(argv[1], "--help"));

		fprintf(help ? stdout : stderr, "v4l_id NODE\n");
		return !help;
	}
	fd = open(argv[1], O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		fprintf(stderr, "v4l_id: %s: %s\n", argv[1], strerror(errno));
		return 1;
	}
	if (ioctl(fd, VIDIOC_QUERYCAP, &c) < 0)
		return 0;                               /* none of version 2: nothing to say */
	bits = c.capabilities & V4L2_CAP_DEVICE_CAPS ? c.device_caps : c.capabilities;
	printf("ID_V4L_VERSION=2\nID_V4L_PRODUCT=%.*s\nID_V4L_CAPABILITIES=:", (int)sizeof(c.card), (const char *)c.card);
	for (size_t i = 0; i < ARRAY_SIZE(can); i++)
		if (bits & can[i].bits)
			printf("%s:", can[i].name);
	putchar('\n');
	return 0;
}
