/* Reads recording profiles (.wprp): the sink that an XML reader's nodes are fed into, and what they mean. Trusts
 * nothing: counts, lengths and depth are limited, and every refusal says "file(line,column): what is wrong".
 *
 * Threads: one sink belongs to one thread. After the first failed call the sink refuses everything. */
#ifndef HR_PROFILE_WPRP_H
#define HR_PROFILE_WPRP_H

#include "core/profile/profile.h"

#define WPRP_MAX_BYTES      (4u << 20) /* of a file, and of all names and values in it */
#define WPRP_MAX_ELEMENTS   20000
#define WPRP_MAX_ATTRIBUTES 64 /* of one element */
#define WPRP_MAX_DEPTH      32
#define WPRP_MAX_IDS        256 /* elements that others can refer to */

/* Where a node stands in the file; both count from 1, 0 when unknown. */
struct wprp_place {
    unsigned line;
    unsigned column;
};

struct wprp;

/* `file` is what messages call the file: its name without folders. */
bool wprp_create(const char *file, struct wprp **out, struct err *err);
void wprp_free(struct wprp *w); /* NULL is fine */

/* Names are as written (with prefix), values with entities resolved, all UTF-8. An attribute belongs to the element
 * that started last. */
bool wprp_element(struct wprp *w, const char *name, struct wprp_place at, struct err *err);
bool wprp_attribute(struct wprp *w, const char *name, const char *value, struct wprp_place at, struct err *err);
bool wprp_text(struct wprp *w, const char *text, struct wprp_place at, struct err *err);
bool wprp_element_end(struct wprp *w, struct wprp_place at, struct err *err);

/* After the last node: which profile the file holds. Of several variants of it (detail and logging mode) one is taken:
 * what Comments asks for, else to file, verbose first. */
bool wprp_finish(struct wprp *w, struct profile *out, struct err *err);

#endif
