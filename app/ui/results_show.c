/* What the results window shows: rows for the chosen grouping, the selected row's stack, summary and progress. */
#include "core/base/text.h"
#include "core/report/system_modules.h"
#include "ui/results_inside.h"
#include "ui/words.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { GROUPINGS = 4, PERCENT_ROOM = 8 };

/* As in the list, before "Customize...". */
static const struct result_view groupings[GROUPINGS] = {
    {.levels = {RESULT_PROCESS, RESULT_TYPE, RESULT_CREATE_STACK}, .level_count = 3},
    {.levels = {RESULT_CREATOR, RESULT_TYPE, RESULT_NAME, RESULT_LIFETIME, RESULT_CLOSE_STACK, RESULT_CREATE_STACK},
     .level_count = 6},
    {.levels = {RESULT_TYPE, RESULT_PROCESS, RESULT_CREATE_STACK}, .level_count = 3},
    {.levels = {RESULT_NAME, RESULT_TYPE, RESULT_PROCESS, RESULT_CREATE_STACK}, .level_count = 4},
};

static void add_columns(const struct result_view *v, struct text *out)
{
    for (unsigned i = 0; i < v->level_count; i++)
        text_addf(out, "%s%s", i ? words_utf8(WORD_RESULT_PATH) : "",
                  words_utf8(WORD_RESULT_COLUMN + (unsigned)v->levels[i]));
}

static void add_choice(HWND combo, const char *utf8)
{
    WCHAR *wide = utf16_from_utf8(utf8);
    if (wide)
        SendMessageW(combo, CB_ADDSTRING, 0, (LPARAM)wide);
    free(wide);
}

void results_fill_groupings(struct results_window *w)
{
    HWND combo = GetDlgItem(w->base.hwnd, IDC_RESULTS_GROUP);
    SendMessageW(combo, CB_RESETCONTENT, 0, 0);
    for (unsigned i = 0; i < GROUPINGS; i++)
        add_choice(combo, words_utf8(IDS_RESULTS_GROUPING + i));
    if (w->has_custom) {
        struct text t = {0};
        add_columns(&w->custom, &t);
        add_choice(combo, text_str(&t));
        text_free(&t);
    }
    add_choice(combo, words_utf8(IDS_RESULTS_CUSTOMIZE));
    SendMessageW(combo, CB_SETCURSEL, w->grouping, 0);
}

void results_pick_grouping(struct results_window *w)
{
    HWND combo = GetDlgItem(w->base.hwnd, IDC_RESULTS_GROUP);
    if (SendMessageW(combo, CB_GETDROPPEDSTATE, 0, 0)) /* on the way through the open list */
        return;
    LRESULT picked = SendMessageW(combo, CB_GETCURSEL, 0, 0);
    if (picked < 0 || (unsigned)picked == w->grouping)
        return;
    if ((unsigned)picked < GROUPINGS + (w->has_custom ? 1u : 0u)) {
        w->grouping = (unsigned)picked;
    } else {
        struct result_view view = w->has_custom ? w->custom : groupings[w->grouping < GROUPINGS ? w->grouping : 0];
        if (results_ask_columns(w, &view)) {
            w->custom = view;
            w->has_custom = true;
            w->grouping = GROUPINGS;
        }
        results_fill_groupings(w);
    }
    results_rebuild(w);
    results_show_state(w);
}

static void read_filter(struct results_window *w)
{
    WCHAR wide[512] = L"";
    GetDlgItemTextW(w->base.hwnd, IDC_RESULTS_FILTER, wide, 512);
    char *utf8 = utf16_to_utf8(wide);
    text_clear(&w->filter);
    text_add(&w->filter, utf8 ? utf8 : "");
    free(utf8);
}

void results_rebuild(struct results_window *w)
{
    if (!w->set)
        return;
    read_filter(w);
    w->only_leaks = IsDlgButtonChecked(w->base.hwnd, IDC_RESULTS_ONLY) == BST_CHECKED;
    struct result_view view = w->grouping < GROUPINGS ? groupings[w->grouping] : w->custom;
    view.only_leaks = w->only_leaks;
    view.filter = text_str(&w->filter);
    HCURSOR before = SetCursor(LoadCursorW(NULL, IDC_WAIT));
    bool ok = result_tree_build(&w->tree, &view);
    SetCursor(before);
    text_clear(&w->note);
    if (!ok) {
        struct err err = {0};
        err_set(&err, ERR_NO_MEMORY, "Listing the rows");
        results_fail(w, &err);
    }
    text_clear(&w->message);
    result_add_empty(&w->tree, w->filter.len != 0, words_locale(), &w->message);
    results_list_refill(w, UINT32_MAX);
}

static void enable(const struct results_window *w, int id, bool on)
{
    HWND control = GetDlgItem(w->base.hwnd, id);
    if (!on && GetFocus() == control)
        SetFocus(GetDlgItem(w->base.hwnd, IDC_RESULTS_LIST));
    EnableWindow(control, on);
}

void results_show_row(struct results_window *w)
{
    uint32_t row = results_list_selected(w);
    struct text detail = {0};
    struct text stacks = {0};
    if (w->set && row != UINT32_MAX) {
        result_add_detail(&w->tree, row, words_locale(), &detail);
        result_add_stacks(&w->tree, row, words_locale(), &stacks);
    }
    words_set(GetDlgItem(w->base.hwnd, IDC_RESULTS_DETAIL), text_str(&detail));
    words_set(GetDlgItem(w->base.hwnd, IDC_RESULTS_STACK), text_str(&stacks));
    enable(w, IDC_RESULTS_COPY, row != UINT32_MAX);
    text_free(&detail);
    text_free(&stacks);
}

static const char *first_name(const struct results_window *w)
{
    return w->file_count ? module_file_name(w->files[0]) : "";
}

static void show_title(const struct results_window *w)
{
    const char *args[] = {first_name(w), words_utf8(WORD_APP)};
    WCHAR *title = words_fill(IDS_RESULTS_TITLE, args, 2);
    if (title)
        words_set_wide(w->base.hwnd, title);
    free(title);
}

static void show_if(const struct results_window *w, int id, bool on)
{
    HWND control = GetDlgItem(w->base.hwnd, id);
    bool now = (GetWindowLongW(control, GWL_STYLE) & WS_VISIBLE) != 0;
    if (now == on)
        return;
    if (!on && GetFocus() == control)
        SetFocus(GetDlgItem(w->base.hwnd, IDC_RESULTS_LIST));
    ShowWindow(control, on ? SW_SHOWNA : SW_HIDE);
}

/* "Reading x.etl, 41%". */
static void show_progress(struct results_window *w)
{
    struct result_job_view v;
    char percent[PERCENT_ROOM];
    result_job_look(w->job, &v);
    unsigned part = v.total ? (unsigned)(v.done * 100 / v.total) : 0;
    snprintf(percent, sizeof percent, "%u", part > 100 ? 100 : part);
    const char *args[] = {w->saving ? module_file_name(w->saved_to) : first_name(w), percent};
    WCHAR *text = words_fill(w->cancelling ? IDS_RESULTS_CANCELLING
                             : w->saving   ? IDS_RESULTS_SAVING
                                           : IDS_RESULTS_READING,
                             args, 2);
    if (text) {
        words_set_wide(GetDlgItem(w->base.hwnd, IDC_RESULTS_SUMMARY), text);
        words_set_wide(GetDlgItem(w->base.hwnd, IDC_RESULTS_PROGRESS), text);
    }
    free(text);
    SendDlgItemMessageW(w->base.hwnd, IDC_RESULTS_PROGRESS, PBM_SETPOS, part, 0);
}

static void show_summary(struct results_window *w)
{
    struct text t = {0};
    if (w->note.len)
        text_add(&t, text_str(&w->note));
    else if (w->set)
        result_add_summary(w->set, words_locale(), &t);
    words_set(GetDlgItem(w->base.hwnd, IDC_RESULTS_SUMMARY), text_str(&t));
    text_free(&t);
}

void results_show_state(struct results_window *w)
{
    static const int with_results[] = {IDC_RESULTS_GROUP, IDC_RESULTS_FILTER, IDC_RESULTS_ONLY};
    static const int with_buttons[] = {IDC_RESULTS_EXPORT, IDC_RESULTS_COPY, IDC_RESULTS_MORE};
    bool runs = w->job != NULL;
    bool shown = (GetWindowLongW(GetDlgItem(w->base.hwnd, IDC_RESULTS_CANCEL), GWL_STYLE) & WS_VISIBLE) != 0;
    show_title(w);
    for (size_t i = 0; i < 3; i++) {
        enable(w, with_results[i], w->set != NULL);
        show_if(w, with_buttons[i], !runs);
    }
    enable(w, IDC_RESULTS_EXPORT, w->set != NULL);
    show_if(w, IDC_RESULTS_CANCEL, runs);
    show_if(w, IDC_RESULTS_PROGRESS, runs);
    enable(w, IDC_RESULTS_CANCEL, !w->cancelling);
    if (runs)
        show_progress(w);
    else
        show_summary(w);
    if (runs != shown)
        results_layout(w);
    if (!w->set)
        InvalidateRect(GetDlgItem(w->base.hwnd, IDC_RESULTS_LIST), NULL, TRUE);
}
