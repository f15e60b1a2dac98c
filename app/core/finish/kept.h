/* Records that are taken over into another file, as they stand. One thread. */
#ifndef HR_FINISH_KEPT_H
#define HR_FINISH_KEPT_H

#include "core/etl/record.h"

/* A record by itself: in memory until it is clear whether it is wanted. */
struct kept_record {
    uint8_t *bytes; /* NULL: none */
    uint32_t size;
    uint16_t processor;
    int64_t time;
    uint64_t number; /* its place in the union of files: tells it apart, and where it goes */
};

bool kept_copy(struct kept_record *out, const struct etl_record *r, uint64_t number);
void kept_free(struct kept_record *k);

/* Those that are wanted. All zero is empty. */
struct kept_list {
    struct kept_item *list;
    uint32_t count;
    uint32_t room;
    uint8_t *bytes;
    uint64_t used;
    uint64_t size;
    uint32_t largest;
};

struct kept_item {
    uint64_t number;
    uint64_t at; /* in bytes */
    int64_t time;
    uint32_t size;
    uint16_t processor;
};

/* False for want of memory. */
bool kept_put(struct kept_list *l, const struct kept_record *k);
bool kept_put_event(struct kept_list *l, const struct etl_record *r, uint64_t number);
/* In the order of the files; what was put twice is there once. */
void kept_sort(struct kept_list *l);
void kept_list_free(struct kept_list *l);

#endif
