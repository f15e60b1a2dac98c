/* What merging and carrying forward share; nobody else includes it. */
#ifndef HR_ETL_MERGE_INSIDE_H
#define HR_ETL_MERGE_INSIDE_H

#include "core/etl/merge.h"
#include "core/etl/union.h"
#include "core/etl/writer.h"

/* What is wrong with the inputs. */
struct merge_warned {
    unsigned warnings; /* enum merge_warning */
    unsigned first;
};

/* Checks the number of inputs and that the output may be written; `part` becomes its temporary name. */
bool merge_check(const struct merge_input *inputs, unsigned count, const char *output, bool replace, struct text *part,
                 struct err *err);
bool merge_open_inputs(const struct merge_input *inputs, unsigned count, struct etl_union **out, struct err *err);
/* Removes what a run that crashed left under the temporary name, and begins the output with the header of the earliest
 * input. */
bool merge_open_output(struct etl_union *in, const char *part, uint32_t buffer_size, struct etl_writer **out,
                       struct err *err);
/* After the last event of the union: what the output's header says, and what there is to warn of. */
void merge_sum_up(struct etl_union *in, const struct merge_input *inputs, unsigned count, struct etl_writer_end *end,
                  struct merge_warned *warned);
/* Reads the file back and compares it with what was written. */
bool merge_prove(const char *part, const struct etl_written *written, etl_go_on_fn *go_on, void *ctx,
                 struct etl_verify_result *out, struct err *err);

#endif
