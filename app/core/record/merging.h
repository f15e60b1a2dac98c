/* Gathers what becomes one file: the pieces of a recording and its marks. Any thread. */
#ifndef HR_RECORD_MERGING_H
#define HR_RECORD_MERGING_H

#include "core/etl/merge.h"
#include "core/record/mark_file.h"
#include "core/record/pieces.h"

struct merging {
    struct merge_input inputs[MERGE_FILES_MAX];
    char *paths[MERGE_FILES_MAX];
    unsigned input_count;
    struct mark_list list;
    struct etl_mark *marks;
    unsigned mark_count;
};

/* ERR_RANGE: more than MERGE_FILES_MAX. `live`: a session may still be writing it. */
bool merging_add(struct merging *m, const char *path, bool live, struct err *err);
bool merging_add_kind(struct merging *m, const char *part, enum piece_kind kind, bool live, struct err *err);
/* All marks of the recording; once. */
bool merging_add_marks(struct merging *m, const char *part, struct err *err);
/* Those that were set while segment `number` was written; `first` takes the older ones too. */
bool merging_add_marks_of(struct merging *m, const char *part, unsigned number, bool first, struct err *err);

struct merge_options merging_options(const struct merging *m, const char *output, bool replace, etl_go_on_fn *go_on,
                                     void *ctx);
void merging_free(struct merging *m);

#endif
