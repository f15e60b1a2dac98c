/* Writes command lines; names from the trace cannot end an argument. */
#include "core/report/result_command.h"

#include "core/report/system_modules.h"

#include <string.h>

/* The process that the row or one above it stands for; PROCESS_UNKNOWN: none. */
static uint32_t process_of(const struct result_tree *t, uint32_t row)
{
    uint32_t node = row == UINT32_MAX ? UINT32_MAX : t->rows[row].node;
    for (; node != UINT32_MAX; node = t->nodes[node].parent) {
        enum result_column column = t->view.levels[t->nodes[node].level];
        if (column == RESULT_PROCESS || column == RESULT_CREATOR)
            return t->nodes[node].value;
    }
    return PROCESS_UNKNOWN;
}

/* A process's name that holds a quote or a line's end is none that Windows has: it is left out. */
static bool is_plain(const char *s)
{
    for (; *s; s++)
        if ((unsigned char)*s < 0x20 || strchr("\"%^&|<>", *s))
            return false;
    return true;
}

void result_add_etwanalyzer(const struct result_tree *t, uint32_t row, const char *path, struct text *out)
{
    const char *file = module_file_name(path);
    const char *dot = strrchr(file, '.');
    size_t folder = (size_t)(file - path);
    size_t stem = dot ? (size_t)(dot - file) : strlen(file);
    text_addf(out, "ETWAnalyzer -extract ObjectRef -fd \"%s\" -symserver ms\r\n", path);
    text_add(out, "ETWAnalyzer -dump ObjectRef -fd \"");
    text_add_n(out, path, folder);
    text_add(out, "Extract\\");
    text_add_n(out, file, stem);
    text_add(out, ".json7z\"");
    uint32_t process = process_of(t, row);
    const char *name = process == PROCESS_UNKNOWN ? "" : report_process_name(t->set->report, process);
    if (*name && is_plain(name))
        text_addf(out, strchr(name, ' ') ? " -pn \"%s\"" : " -pn %s", name);
    text_add(out, " -Leak -ShowStack\r\n");
}
