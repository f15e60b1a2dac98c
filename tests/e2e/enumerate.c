// Counts open handles per process and type, independently of the product, and prints them as JSON.
//
// The product finds type numbers another way than handles.c, so that a wrong belief about numbering shows.
#include "handles.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct process_count {
    ULONG_PTR pid;
    unsigned long by_type[HANDLES_MAX_TYPES];
};

static void print_counts(const struct handle_types *types, const struct process_count *counts)
{
    const char *comma = "";
    unsigned long all = 0;
    for (int i = 0; i < HANDLES_MAX_TYPES; i++) {
        all += counts->by_type[i];
        if (counts->by_type[i] == 0)
            continue;
        if (types->names[i][0])
            printf("%s\"%s\": %lu", comma, types->names[i], counts->by_type[i]);
        else
            printf("%s\"#%d\": %lu", comma, i, counts->by_type[i]);
        comma = ", ";
    }
    printf("%s\"all\": %lu", comma, all);
}

static int by_pid(const void *left, const void *right)
{
    const struct handle_entry *a = left;
    const struct handle_entry *b = right;
    return a->pid < b->pid ? -1 : a->pid > b->pid;
}

static void print_processes(const struct handle_types *types, struct handle_table *table, ULONG_PTR only)
{
    qsort(table->entries, table->count, sizeof(table->entries[0]), by_pid);
    const char *comma = "";
    ULONG_PTR i = 0;
    while (i < table->count) {
        struct process_count counts = {.pid = table->entries[i].pid};
        for (; i < table->count && table->entries[i].pid == counts.pid; i++) {
            if (table->entries[i].type < HANDLES_MAX_TYPES)
                counts.by_type[table->entries[i].type]++;
        }
        if (only && counts.pid != only)
            continue;
        printf("%s\n  {\"pid\": %llu, ", comma, (unsigned long long)counts.pid);
        print_counts(types, &counts);
        printf("}");
        comma = ",";
    }
}

int main(int count, char **words)
{
    ULONG_PTR only = 0;
    if (count == 3 && strcmp(words[1], "--pid") == 0)
        only = strtoul(words[2], NULL, 10);
    if (count != 1 && (count != 3 || only == 0)) {
        fputs("usage: enumhandles [--pid N]\n", stderr);
        return 2;
    }
    static struct handle_types types;
    if (!handles_name_types(&types))
        return 1;
    struct handle_table *table = handles_read();
    if (!table)
        return 1;
    printf("{\"self\": %lu, \"numberOffset\": %d, \"types\": [", GetCurrentProcessId(), types.offset);
    for (int i = 0; i < HANDLES_MAX_TYPES; i++) {
        if (types.names[i][0])
            printf("%s\n  {\"name\": \"%s\", \"number\": %d, \"handles\": %lu}", i > types.offset ? "," : "",
                   types.names[i], i, types.totals[i]);
    }
    printf("],\n \"processes\": [");
    print_processes(&types, table, only);
    printf("]}\n");
    free(table);
    return 0;
}
