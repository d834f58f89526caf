/* keys.h - the parsers behind the table of keys; inside of link/ only. A field is left as it was by -EINVAL, but lists keep the words before */
#pragma once
#include "file.h"

#define LINK_PARSER(name) int link_parse_##name(const struct link_key *k, const char *value, void *field)
LINK_PARSER(hwaddrs);
LINK_PARSER(hwaddr);
LINK_PARSER(patterns);
LINK_PARSER(list);
LINK_PARSER(string);
LINK_PARSER(name);
LINK_PARSER(names);
LINK_PARSER(bool);
LINK_PARSER(number);
LINK_PARSER(span);
LINK_PARSER(word);
LINK_PARSER(flags);
LINK_PARSER(policies);
