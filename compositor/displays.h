#ifndef BN_DISPLAYS_H
#define BN_DISPLAYS_H

#include <stdbool.h>
#include <stdio.h>

#include "server.h"

/**
 * What is connected, in the words of a layout: connectors, EDID keys, modes and
 * touchscreens. Starts the back end, lets it report, and stops it again.
 */

/** Prints for people. False with a sentence in `error` when there is no back end. */
bool bn_displays_list(enum bn_backend_kind kind, FILE *out, char error[BN_SERVER_ERROR_MAX]);
/** Writes a starter layout for what is connected; refuses to overwrite a file. */
bool bn_displays_init(enum bn_backend_kind kind, const char *path, char error[BN_SERVER_ERROR_MAX]);

#endif
