/* Which module is where in one address space, and was at an earlier time. One thread. */
#ifndef HR_LEDGER_IMAGES_H
#define HR_LEDGER_IMAGES_H

#include "core/ledger/names.h"

/* A module as a file: the same in every process that loads it. */
struct ledger_image {
    uint32_t name;      /* path as the kernel says it, in the names of the ledger */
    uint32_t timestamp; /* of the PE header; 0: not told */
    uint32_t size;
    uint32_t checksum; /* 0: not told */
    uint64_t base;     /* where it was met first */
    uint32_t pdb;      /* the file with its symbols as the module says it, in the names of the ledger */
    uint32_t age;
    uint8_t guid[16]; /* with the age, which build it is; as on disk */
    bool identified;  /* pdb, age and guid are told */
    bool ambiguous;   /* it was told to be two different files: nothing is known of its code */
};

/* Every distinct module once; number 0 is none. All zero is empty. */
struct image_list {
    struct ledger_image *list;
    uint32_t count;
    uint32_t room;
    uint32_t *slots;
    uint32_t slot_count;
};
bool image_list_put(struct image_list *l, const struct ledger_image *image, uint32_t *id);
/* The same module was told again, in another way: takes over what was not known of it. */
void image_list_learn(struct image_list *l, uint32_t id, const struct ledger_image *more);
void image_list_free(struct image_list *l);

struct image_range {
    uint64_t base;
    uint64_t size;
    int64_t since; /* raw time; INT64_MIN: before the recording */
    int64_t until;
    uint32_t image;
};

/* One address space. All zero is empty. */
struct image_map {
    struct image_range *live; /* by base; they do not overlap */
    uint32_t live_count;
    uint32_t live_room;
    struct image_range *gone; /* unloaded: the newest of them only, in a ring */
    uint32_t gone_count;
    uint32_t gone_room;
    uint32_t gone_at;
    uint32_t epoch; /* changes when an address may mean something else than before */
};

bool image_map_add(struct image_map *m, const struct image_range *range);
/* The module that begins at `base` now; NULL: none. */
const struct image_range *image_map_at(const struct image_map *m, uint64_t base);
bool image_map_remove(struct image_map *m, uint64_t base, int64_t time);
/* The module that has `address` at `time`, else one that came there later (its load was not recorded). NULL: none. */
const struct image_range *image_map_find(const struct image_map *m, uint64_t address, int64_t time);
void image_map_free(struct image_map *m);

#endif
