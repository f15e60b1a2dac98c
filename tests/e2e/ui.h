// What the parts of uidrive share: the driven program, its windows and controls, and memory inside it.
//
// All functions run on the one thread of uidrive. Those that return bool or a handle have said on stderr why not when
// they return false or NULL.
#ifndef E2E_UI_H
#define E2E_UI_H

#include <stdbool.h>
#include <windows.h>

#include <commctrl.h>

struct ui {
    DWORD pid;
    const wchar_t *title; // part of the title or the class of the window to use; NULL: the topmost enabled one
};

// Prints "uidrive: ..." on stderr. Texts are %ls, narrow ones %hs.
void ui_say(const char *format, ...);
// Says so and is false: for every function that cannot do what was asked of it.
#define ui_fail(...) (ui_say(__VA_ARGS__), false)
// Prints text as UTF-8 in one line: tabs and line ends become spaces.
void ui_print_text(const wchar_t *text);
// SendMessage that gives up after five seconds.
bool ui_send(HWND window, UINT message, WPARAM wide, LPARAM large, DWORD_PTR *result);
// The window's text, asked of the window itself; cut at size.
void ui_text(HWND window, wchar_t *text, int size);
// Whether text has part in it; mnemonic marks (&) in text do not count.
bool ui_text_has(const wchar_t *text, const wchar_t *part);
// Whether text is the same but for mnemonic marks and what follows a tab.
bool ui_text_is(const wchar_t *text, const wchar_t *wanted);

// A process by number or by the name of its program; 0 when there is none (no message).
DWORD ui_process(const wchar_t *name);
// The topmost visible window of the program with this class or this part in its title (NULL: any), enabled only when
// asked so. Tooltips and menus do not count. NULL when there is none (no message).
HWND ui_find_window(const struct ui *ui, const wchar_t *text, bool enabled);
// The window that commands are about.
HWND ui_window(const struct ui *ui);
// A control in it: NUMBER (control id), =TEXT, class:NAME, focus, or hwnd:HEX. Visible ones first.
HWND ui_control(const struct ui *ui, const wchar_t *name);
// The same without a message.
HWND ui_look_for_control(const struct ui *ui, const wchar_t *name);

// Clicks. They fail, and say why, unless a user could do this: visible, enabled, inside the screen, not covered.
enum ui_click { UI_CLICK, UI_CLICK_DOUBLE, UI_CLICK_RIGHT, UI_HOVER, UI_WHERE };
// At the middle of a part of a window (its client coordinates; NULL: the whole). UI_WHERE only prints the place.
bool ui_click_at(HWND window, const RECT *part, enum ui_click how);
// Whether the keyboard goes to the driven program now.
bool ui_has_keyboard(const struct ui *ui);
// A key with its modifiers, as "ctrl+shift+s", "f5", "enter".
bool ui_key(const struct ui *ui, const wchar_t *key);
bool ui_type(const struct ui *ui, const wchar_t *text);
bool ui_wheel(HWND window, int notches);
// Lets the program work off what it was sent.
void ui_settle(const struct ui *ui);

// Memory inside the driven program, for messages whose structures are not marshalled.
struct ui_memory {
    HANDLE process;
    void *there;
    size_t size;
    unsigned unanswered; // messages there were before
};
bool ui_memory_open(struct ui_memory *memory, HWND window, size_t size);
bool ui_memory_write(const struct ui_memory *memory, size_t offset, const void *bytes, size_t size);
bool ui_memory_read(const struct ui_memory *memory, size_t offset, void *bytes, size_t size);
void ui_memory_close(struct ui_memory *memory);

// Whether a cell of a list view, or a pane of a status bar, has this part.
bool ui_list_has(HWND list, const wchar_t *part);
bool ui_status_has(HWND bar, const wchar_t *part);

// USER objects of the window's program that only it can see.
struct uiread_objects;
bool ui_count_objects(HWND window, struct uiread_objects *objects);

// Commands: words[0] is the command. They print their result on stdout.
bool ui_cmd_list(struct ui *ui, int count, wchar_t **words);
bool ui_cmd_list_click(struct ui *ui, int count, wchar_t **words);
bool ui_cmd_header_click(struct ui *ui, int count, wchar_t **words);
bool ui_cmd_status(struct ui *ui, int count, wchar_t **words);
bool ui_cmd_link(struct ui *ui, int count, wchar_t **words);
bool ui_cmd_tab(struct ui *ui, int count, wchar_t **words);
bool ui_cmd_combo(struct ui *ui, int count, wchar_t **words);
bool ui_cmd_select(struct ui *ui, int count, wchar_t **words);
bool ui_cmd_menu(struct ui *ui, int count, wchar_t **words);
bool ui_cmd_menu_items(struct ui *ui, int count, wchar_t **words);
bool ui_cmd_drop(struct ui *ui, int count, wchar_t **words);
bool ui_cmd_taskdialog(struct ui *ui, int count, wchar_t **words);
bool ui_cmd_filedialog(struct ui *ui, int count, wchar_t **words);
bool ui_cmd_text_sizes(struct ui *ui, int count, wchar_t **words);
bool ui_cmd_null_latency(struct ui *ui, int count, wchar_t **words);
bool ui_cmd_objects(struct ui *ui, int count, wchar_t **words);
bool ui_cmd_end_session(struct ui *ui, int count, wchar_t **words);
bool ui_cmd_run(struct ui *ui, int count, wchar_t **words);
bool ui_cmd_exit_code(struct ui *ui, int count, wchar_t **words);

#endif
