/* To be preloaded: while the file $READ_ONLY_WHILE is there, nothing below the folder $READ_ONLY can be written (EROFS).

   A volume that is in use can't be made read-only and writable again by mounting it: the kernel says that it is busy. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#define REAL(name, result, ...) ((result(*)(__VA_ARGS__))dlsym(RTLD_NEXT, name))

static int is_refused(const char *path) {
    const char *folder = getenv("READ_ONLY"), *flag = getenv("READ_ONLY_WHILE");
    return folder && flag && path && strncmp(path, folder, strlen(folder)) == 0 && access(flag, F_OK) == 0;
}

static int is_refused_file(int fd) {
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0) return 0;
    path[length] = 0;
    return is_refused(path);
}

#define CHECK(fd) do { if (is_refused_file(fd)) { errno = EROFS; return -1; } } while (0)

ssize_t write(int fd, const void *data, size_t count) {
    CHECK(fd);
    return REAL("write", ssize_t, int, const void *, size_t)(fd, data, count);
}

ssize_t pwrite64(int fd, const void *data, size_t count, off64_t at) {
    CHECK(fd);
    return REAL("pwrite64", ssize_t, int, const void *, size_t, off64_t)(fd, data, count, at);
}

ssize_t pwrite(int fd, const void *data, size_t count, off_t at) { return pwrite64(fd, data, count, at); }

int ftruncate64(int fd, off64_t size) {
    CHECK(fd);
    return REAL("ftruncate64", int, int, off64_t)(fd, size);
}

int ftruncate(int fd, off_t size) { return ftruncate64(fd, size); }

int open64(const char *path, int flags, ...) {
    va_list rest;
    va_start(rest, flags);
    mode_t mode = va_arg(rest, mode_t);
    va_end(rest);
    if (((flags & O_ACCMODE) != O_RDONLY || (flags & O_CREAT)) && is_refused(path)) { errno = EROFS; return -1; }
    return REAL("open64", int, const char *, int, ...)(path, flags, mode);
}

int open(const char *path, int flags, ...) {
    va_list rest;
    va_start(rest, flags);
    mode_t mode = va_arg(rest, mode_t);
    va_end(rest);
    return open64(path, flags, mode);
}
