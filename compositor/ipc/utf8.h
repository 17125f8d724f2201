#ifndef BN_IPC_UTF8_H
#define BN_IPC_UTF8_H

#include <stdbool.h>
#include <stddef.h>

/**
 * Text from clients may hold any bytes but NUL; JSON and our protocol promise
 * UTF-8. Surrogates, overlong forms and values above U+10FFFF are not UTF-8.
 */
bool bn_utf8_is_valid(const char *text);

/**
 * A malloc'ed copy in which each byte that is not part of valid UTF-8 has become
 * U+FFFD; NULL when out of memory.
 */
char *bn_utf8_clean(const char *text);

#endif
