/* absinfo.h - the text of EVDEV_ABS_...: "min:max:resolution:fuzz:flat"; 60-evdev.hwdb of systemd says so */
#pragma once
#include <linux/input.h>

/** absinfo_override() - what is empty or left out at the end stays as it is in @info, which is untouched by -EINVAL */
int absinfo_override(const char *text, struct input_absinfo *info);
