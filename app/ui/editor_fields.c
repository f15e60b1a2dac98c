/* The editor's fields: which control shows which, what the user typed, what is wrong below it. */
#include "ui/editor_dialog.h"

#include "core/record/type_pick.h"

#include <stdlib.h>
#include <string.h>

/* Fields with text. Several may share the line below them. */
static const struct row {
    enum profile_field field;
    int control;
    int note;
    bool combo; /* of types; else an edit control */
} rows[] = {
    {PROFILE_FIELD_NAME, IDC_ED_NAME, IDC_ED_NAME_NOTE, false},
    {PROFILE_FIELD_DESCRIPTION, IDC_ED_DESCRIPTION, IDC_ED_DESCRIPTION_NOTE, false},
    {PROFILE_FIELD_TYPES, IDC_TYPE_LIST, IDC_TYPES_NOTE, false},
    {PROFILE_FIELD_STACKS, IDC_CREATE, IDC_STACKS_NOTE, false},
    {PROFILE_FIELD_STORAGE, IDC_ED_RING, IDC_ED_STORAGE_NOTE, false},
    {PROFILE_FIELD_BUFFER_KB, IDC_ED_BUFFER, IDC_ED_BUFFER_NOTE, false},
    {PROFILE_FIELD_MEMORY, IDC_ED_MEMORY, IDC_ED_MEMORY_NOTE, false},
    {PROFILE_FIELD_FILE_MB, IDC_ED_SIZE, IDC_ED_SIZE_NOTE, false},
    {PROFILE_FIELD_SEGMENT_MINUTES, IDC_ED_MINUTES, IDC_ED_SEGMENTS_NOTE, false},
    {PROFILE_FIELD_SEGMENT_MB, IDC_ED_SEGMENT_MB, IDC_ED_SEGMENTS_NOTE, false},
    {PROFILE_FIELD_KEEP_MB, IDC_ED_KEEP, IDC_ED_KEEP_NOTE, false},
    {PROFILE_FIELD_STOP_AFTER, IDC_ED_AFTER_VALUE, IDC_ED_AFTER_NOTE, false},
    {PROFILE_FIELD_STOP_AT, IDC_ED_AT_VALUE, IDC_ED_AT_NOTE, false},
    {PROFILE_FIELD_STOP_DISK, IDC_ED_DISK_VALUE, IDC_ED_DISK_NOTE, false},
    {PROFILE_FIELD_HOLD_PROCESS, IDC_ED_HOLD_PROCESS, IDC_ED_HOLD_NOTE, false},
    {PROFILE_FIELD_HOLD_TYPE, IDC_ED_HOLD_TYPE, IDC_ED_HOLD_NOTE, true},
    {PROFILE_FIELD_HOLD_COUNT, IDC_ED_HOLD_COUNT, IDC_ED_HOLD_NOTE, false},
    {PROFILE_FIELD_GROW_TYPE, IDC_ED_GROW_TYPE, IDC_ED_GROW_NOTE, true},
    {PROFILE_FIELD_GROW_COUNT, IDC_ED_GROW_COUNT, IDC_ED_GROW_NOTE, false},
};
#define ROWS (sizeof rows / sizeof rows[0])

/* Boxes and radio buttons: the part of the input that each switches. */
enum what { BOX_TYPES, BOX_STACK, BOX_STORAGE, BOX_SEGMENTS, BOX_RULE, BOX_LIVE };

static const struct box {
    int control;
    enum what what;
    enum profile_field field; /* usable when its box is */
    unsigned value;
} boxes[] = {
    {IDC_ALL_TYPES, BOX_TYPES, PROFILE_FIELD_TYPES, false},
    {IDC_THESE_TYPES, BOX_TYPES, PROFILE_FIELD_TYPES, true},
    {IDC_CREATE, BOX_STACK, PROFILE_FIELD_STACKS, PROFILE_STACK_CREATE},
    {IDC_DUPLICATE, BOX_STACK, PROFILE_FIELD_STACKS, PROFILE_STACK_DUPLICATE},
    {IDC_CLOSE, BOX_STACK, PROFILE_FIELD_STACKS, PROFILE_STACK_CLOSE},
    {IDC_ED_RING, BOX_STORAGE, PROFILE_FIELD_STORAGE, PROFILE_RING},
    {IDC_ED_TO_FILE, BOX_STORAGE, PROFILE_FIELD_STORAGE, PROFILE_FILE},
    {IDC_ED_CIRCULAR, BOX_STORAGE, PROFILE_FIELD_STORAGE, PROFILE_CIRCULAR},
    {IDC_ED_SEGMENTS, BOX_SEGMENTS, PROFILE_FIELD_SEGMENT_MINUTES, true},
    {IDC_ED_AFTER, BOX_RULE, PROFILE_FIELD_STOP_AFTER, PROFILE_RULE_AFTER},
    {IDC_ED_AT, BOX_RULE, PROFILE_FIELD_STOP_AT, PROFILE_RULE_AT},
    {IDC_ED_DISK, BOX_RULE, PROFILE_FIELD_STOP_DISK, PROFILE_RULE_DISK},
    {IDC_ED_HOLD, BOX_RULE, PROFILE_FIELD_HOLD_COUNT, PROFILE_RULE_HOLD},
    {IDC_ED_GROW, BOX_RULE, PROFILE_FIELD_GROW_COUNT, PROFILE_RULE_GROW},
    {IDC_ED_LIVE, BOX_LIVE, PROFILE_FIELD_DESCRIPTION, true},
};
#define BOXES (sizeof boxes / sizeof boxes[0])

static HWND control_of(const struct editor_dialog *d, enum profile_field field, int id)
{
    return GetDlgItem(d->pages[editor_page_of(field)], id);
}

static bool is_text(const struct row *r)
{
    return !r->combo && r->field != PROFILE_FIELD_TYPES && r->field != PROFILE_FIELD_STACKS &&
           r->field != PROFILE_FIELD_STORAGE;
}

/* --- combo boxes of types: "handles" (of any type), then the types --- */

static void add_type(HWND combo, const char *name)
{
    WCHAR *wide = utf16_from_utf8(name);
    if (wide)
        SendMessageW(combo, CB_ADDSTRING, 0, (LPARAM)wide);
    free(wide);
}

static int find_type(HWND combo, const char *name)
{
    WCHAR *wide = utf16_from_utf8(name);
    LRESULT at = wide ? SendMessageW(combo, CB_FINDSTRINGEXACT, (WPARAM)-1, (LPARAM)wide) : CB_ERR;
    free(wide);
    return (int)at;
}

static void fill_combo(const struct editor_dialog *d, const struct row *r)
{
    HWND combo = control_of(d, r->field, r->control);
    SendMessageW(combo, CB_ADDSTRING, 0, (LPARAM)words_wide(IDS_ED_ANY_TYPE));
    for (size_t i = 0; i < d->e.types.count; i++)
        add_type(combo, d->e.types.rows[i].name);
    const char *name = d->e.now.text[r->field];
    if (name[0] && find_type(combo, name) < 0)
        add_type(combo, name);
}

static void put_combo(const struct editor_dialog *d, const struct row *r)
{
    HWND combo = control_of(d, r->field, r->control);
    const char *name = d->e.now.text[r->field];
    int at = name[0] ? find_type(combo, name) : 0;
    SendMessageW(combo, CB_SETCURSEL, at > 0 ? (WPARAM)at : 0, 0);
}

/* --- in and out --- */

static void read_text(struct editor_dialog *d, const struct row *r)
{
    WCHAR wide[EDITOR_TEXT_MAX] = L"";
    HWND control = control_of(d, r->field, r->control);
    char *out = d->e.now.text[r->field];
    if (r->combo) {
        LRESULT at = SendMessageW(control, CB_GETCURSEL, 0, 0);
        if (at > 0 && SendMessageW(control, CB_GETLBTEXTLEN, (WPARAM)at, 0) < EDITOR_TEXT_MAX)
            SendMessageW(control, CB_GETLBTEXT, (WPARAM)at, (LPARAM)wide);
    } else {
        GetWindowTextW(control, wide, EDITOR_TEXT_MAX);
    }
    utf16_put_utf8(out, EDITOR_TEXT_MAX, wide);
}

static bool box_on(const struct editor_dialog *d, const struct box *b)
{
    const struct editor_input *in = &d->e.now;
    switch (b->what) {
    case BOX_TYPES:
        return in->only_types == (b->value != 0);
    case BOX_STACK:
        return in->stacks & b->value;
    case BOX_STORAGE:
        return in->storage == (enum profile_storage)b->value;
    case BOX_SEGMENTS:
        return in->segments;
    case BOX_RULE:
        return in->rules & b->value;
    case BOX_LIVE:
        return in->live_events;
    }
    return false;
}

static void set_bit(unsigned *bits, unsigned bit, bool on)
{
    *bits = on ? *bits | bit : *bits & ~bit;
}

static void read_box(struct editor_dialog *d, const struct box *b)
{
    struct editor_input *in = &d->e.now;
    bool on = SendMessageW(control_of(d, b->field, b->control), BM_GETCHECK, 0, 0) == BST_CHECKED;
    switch (b->what) {
    case BOX_TYPES:
        in->only_types = on == (b->value != 0);
        break;
    case BOX_STACK:
        set_bit(&in->stacks, b->value, on);
        break;
    case BOX_STORAGE:
        if (on)
            in->storage = (enum profile_storage)b->value;
        break;
    case BOX_SEGMENTS:
        in->segments = on;
        break;
    case BOX_RULE:
        set_bit(&in->rules, b->value, on);
        break;
    case BOX_LIVE:
        in->live_events = on;
        break;
    }
}

static void put_text(const struct editor_dialog *d, const struct row *r)
{
    WCHAR *wide = utf16_from_utf8(d->e.now.text[r->field]);
    if (wide)
        words_set_wide(control_of(d, r->field, r->control), wide);
    free(wide);
}

void fields_init(struct editor_dialog *d)
{
    static const struct {
        enum editor_page page;
        int id;
        unsigned text;
    } notes[] = {
        {EDITOR_PAGE_GENERAL, IDC_ED_LIVE_NOTE, IDS_ED_LIVE_NOTE},
        {EDITOR_PAGE_STACKS, IDC_CLOSE_WHY, IDS_ED_CLOSE_WHY},
    };
    for (size_t i = 0; i < sizeof notes / sizeof notes[0]; i++)
        SetDlgItemTextW(d->pages[notes[i].page], notes[i].id, words_wide(notes[i].text));
    for (size_t i = 0; i < ROWS; i++) {
        if (rows[i].combo)
            fill_combo(d, &rows[i]);
        else if (is_text(&rows[i]))
            SendMessageW(control_of(d, rows[i].field, rows[i].control), EM_SETLIMITTEXT,
                         rows[i].field == PROFILE_FIELD_DESCRIPTION ? 160 : 60, 0);
    }
}

void fields_put(struct editor_dialog *d)
{
    d->filling = true;
    for (size_t i = 0; i < ROWS; i++) {
        if (rows[i].combo)
            put_combo(d, &rows[i]);
        else if (is_text(&rows[i]))
            put_text(d, &rows[i]);
    }
    for (size_t i = 0; i < BOXES; i++)
        SendMessageW(control_of(d, boxes[i].field, boxes[i].control), BM_SETCHECK,
                     box_on(d, &boxes[i]) ? BST_CHECKED : BST_UNCHECKED, 0);
    d->filling = false;
}

/* --- what can be used, and what is wrong --- */

static void enable(HWND control, bool on)
{
    if ((IsWindowEnabled(control) != 0) != on)
        EnableWindow(control, on);
}

static void show_use(struct editor_dialog *d)
{
    for (size_t i = 0; i < BOXES; i++)
        enable(control_of(d, boxes[i].field, boxes[i].control), editor_box_usable(&d->e, boxes[i].field));
    for (size_t i = 0; i < ROWS; i++) {
        HWND control = control_of(d, rows[i].field, rows[i].control);
        bool usable = editor_usable(&d->e, rows[i].field);
        if (rows[i].combo || is_text(&rows[i]))
            enable(control, usable);
    }
}

/* The line below fields: what is wrong with the first of them that were left, else what there is to say. */
static void show_note(const struct editor_dialog *d, int note)
{
    const struct view_locale *l = words_locale();
    char text[400] = "";
    enum profile_field of = PROFILE_FIELD_COUNT;
    for (size_t i = 0; i < ROWS && !text[0]; i++) {
        bool warning = false;
        if (rows[i].note != note)
            continue;
        of = rows[i].field;
        if (d->looked[of])
            editor_problem(&d->e, of, l, text, sizeof text, &warning);
    }
    for (size_t i = 0; i < ROWS && !text[0]; i++)
        if (rows[i].note == note)
            editor_note(&d->e, rows[i].field, l, text, sizeof text);
    if (of != PROFILE_FIELD_COUNT)
        words_set(control_of(d, of, note), text);
}

void fields_show(struct editor_dialog *d)
{
    show_use(d);
    for (size_t i = 0; i < ROWS; i++)
        if (i == 0 || rows[i].note != rows[i - 1].note)
            show_note(d, rows[i].note);
}

void fields_focus(struct editor_dialog *d, enum profile_field field)
{
    for (size_t i = 0; i < ROWS; i++) {
        if (rows[i].field != field)
            continue;
        HWND control = control_of(d, field, rows[i].control);
        SetFocus(control);
        if (is_text(&rows[i]))
            SendMessageW(control, EM_SETSEL, 0, -1);
        return;
    }
}

/* --- what the user does --- */

static bool on_text(struct editor_dialog *d, const struct row *r, UINT code)
{
    bool changed = code == (r->combo ? CBN_SELCHANGE : EN_CHANGE);
    bool left = code == (r->combo ? CBN_KILLFOCUS : EN_KILLFOCUS);
    if (!changed && !left)
        return true;
    if (changed && !d->filling)
        read_text(d, r);
    if (left)
        d->looked[r->field] = true;
    fields_show(d);
    editor_show_texts(d);
    return true;
}

static void on_box(struct editor_dialog *d, const struct box *b)
{
    read_box(d, b);
    d->looked[b->field] = d->looked[b->field] || b->what == BOX_STACK || b->what == BOX_STORAGE;
    if (b->what == BOX_TYPES)
        list_show_slots(d);
    fields_show(d);
    editor_show_texts(d);
}

bool fields_command(struct editor_dialog *d, int id, UINT code)
{
    for (size_t i = 0; i < ROWS; i++)
        if (rows[i].control == id && (rows[i].combo || is_text(&rows[i])))
            return on_text(d, &rows[i], code);
    for (size_t i = 0; i < BOXES; i++) {
        if (boxes[i].control != id)
            continue;
        if (code == BN_CLICKED && !d->filling)
            on_box(d, &boxes[i]);
        return true;
    }
    return false;
}
