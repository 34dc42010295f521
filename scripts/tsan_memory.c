/*
 * For `make tsan`: rustc's compiler calls these where gcc's calls memcpy() and its like, which gcc's runtime intercepts. In
 * the program, so that the library finds them.
 */
#include <string.h>

void *__tsan_memcpy(void *to, const void *from, size_t len);
void *__tsan_memmove(void *to, const void *from, size_t len);
void *__tsan_memset(void *to, int byte, size_t len);

void *__tsan_memcpy(void *to, const void *from, size_t len) { return memcpy(to, from, len); }

void *__tsan_memmove(void *to, const void *from, size_t len) { return memmove(to, from, len); }

void *__tsan_memset(void *to, int byte, size_t len) { return memset(to, byte, len); }
