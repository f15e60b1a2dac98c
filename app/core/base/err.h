/* The one error value of the program: what failed, the system's code, and what to do next. */
#ifndef HR_BASE_ERR_H
#define HR_BASE_ERR_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Decisions rest on these (and on the OS code), never on text. */
enum err_code {
    ERR_NONE,
    ERR_NO_MEMORY,
    ERR_ARGUMENT,  /* a caller's or user's value is out of range */
    ERR_OS,        /* the system refused; kind and os say how */
    ERR_NOT_FOUND, /* a file, session or process is not there */
    ERR_EXISTS,    /* it is there already and must not be replaced */
    ERR_ACCESS,    /* rights are missing */
    ERR_FORMAT,    /* input is not what its format says */
    ERR_TRUNCATED, /* input ends early */
    ERR_RANGE,     /* a number does not fit or a limit was reached */
    ERR_STATE,     /* not possible in the present state */
    ERR_CANCELLED, /* the user ended it */
    ERR_BUSY,      /* somebody else uses it */
    ERR_NO_SPACE,  /* disk or session slots are used up */
    ERR_MISMATCH,  /* a read-back differs from what was set */
    ERR_UNSUPPORTED,
    ERR_CODE_COUNT
};

/* Which number space `os` is in. */
enum err_kind { ERR_KIND_NONE, ERR_KIND_WIN32, ERR_KIND_NTSTATUS, ERR_KIND_HRESULT, ERR_KIND_ERRNO };

#define ERR_DOING_MAX  240
#define ERR_REMEDY_MAX 160

/* A value: copy it freely. All zero is "no error". Texts are UTF-8, cut at a character's edge. */
struct err {
    enum err_code code;
    enum err_kind kind;
    uint32_t os;                 /* 0 when kind is ERR_KIND_NONE */
    char doing[ERR_DOING_MAX];   /* what failed: "Starting the session" */
    char remedy[ERR_REMEDY_MAX]; /* one thing to do next, a sentence; empty: err_format uses the code's own */
};

#if defined(__MINGW32__) && !defined(__clang__)
/* gcc takes plain printf for the old msvcrt's there, which knows no %zu; the C library used is mingw's own. */
#define ERR_PRINTF(f, a) __attribute__((format(gnu_printf, f, a)))
#elif defined(__GNUC__)
#define ERR_PRINTF(f, a) __attribute__((format(printf, f, a)))
#else
#define ERR_PRINTF(f, a)
#endif

/* Sets `e` unless it holds an error already (the first one wins). Returns false, always, so that a function can
 * `return err_set(...)`. `e` may be NULL: the caller does not care why. */
bool err_set(struct err *e, enum err_code code, const char *doing, ...) ERR_PRINTF(3, 4);

/* The same with the system's number. The code follows from the number where it is one this program decides on
 * (access, not found, exists, disk full, ...), else it is ERR_OS. */
bool err_set_os(struct err *e, enum err_kind kind, uint32_t os, const char *doing, ...) ERR_PRINTF(4, 5);

/* Adds what to do next to an error that has no remedy yet. Returns false. */
bool err_remedy(struct err *e, const char *remedy);

/* "Starting the session failed: Access is denied. (5) Run as administrator." Always terminates `out`. */
void err_format(const struct err *e, char *out, size_t size);

/* Link seam (posix, win): the system's own text for a number, UTF-8, no trailing line break. Empty when it has none.
 */
void err_os_text(enum err_kind kind, uint32_t os, char *out, size_t size);

/* The code that a number of the system stands for; ERR_OS when this program has no decision resting on it. */
enum err_code err_code_of(enum err_kind kind, uint32_t os);

#endif
