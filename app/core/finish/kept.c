/* Copies of records, one after the other in one piece of memory. */
#include "core/finish/kept.h"

#include "core/ledger/grow.h"

#include <stdlib.h>
#include <string.h>

bool kept_copy(struct kept_record *out, const struct etl_record *r, uint64_t number)
{
    uint8_t *bytes = malloc(r->size);
    if (!bytes)
        return false;
    memcpy(bytes, r->bytes, r->size);
    *out = (struct kept_record){bytes, r->size, r->processor, r->time, number};
    return true;
}

void kept_free(struct kept_record *k)
{
    free(k->bytes);
    k->bytes = NULL;
}

static bool add(struct kept_list *l, struct kept_item item, const uint8_t *bytes)
{
    if (l->used + item.size > l->size) {
        uint64_t size = (l->used + item.size) * 2;
        uint8_t *more = size <= SIZE_MAX ? realloc(l->bytes, (size_t)size) : NULL;
        if (!more)
            return false;
        l->bytes = more;
        l->size = size;
    }
    if (!grow_array(&l->list, &l->room, l->count + 1, sizeof *l->list))
        return false;
    item.at = l->used;
    memcpy(l->bytes + l->used, bytes, item.size);
    l->list[l->count++] = item;
    l->used += item.size;
    l->largest = item.size > l->largest ? item.size : l->largest;
    return true;
}

bool kept_put(struct kept_list *l, const struct kept_record *k)
{
    return add(l, (struct kept_item){.number = k->number, .time = k->time, .size = k->size, .processor = k->processor},
               k->bytes);
}

bool kept_put_event(struct kept_list *l, const struct etl_record *r, uint64_t number)
{
    return add(l, (struct kept_item){.number = number, .time = r->time, .size = r->size, .processor = r->processor},
               r->bytes);
}

static int by_number(const void *left, const void *right)
{
    const struct kept_item *a = left;
    const struct kept_item *b = right;
    return a->number < b->number ? -1 : a->number > b->number;
}

void kept_sort(struct kept_list *l)
{
    uint32_t count = 0;
    if (l->count)
        qsort(l->list, l->count, sizeof *l->list, by_number);
    for (uint32_t i = 0; i < l->count; i++)
        if (!count || l->list[count - 1].number != l->list[i].number)
            l->list[count++] = l->list[i];
    l->count = count;
}

void kept_list_free(struct kept_list *l)
{
    free(l->list);
    free(l->bytes);
    memset(l, 0, sizeof *l);
}
