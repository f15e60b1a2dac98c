/* Turns a message's table into a task dialog. */
#include "ui/message.h"

#include "version.h"

#include <stdlib.h>

static HRESULT CALLBACK on_event(HWND dialog, UINT event, WPARAM wParam, LPARAM lParam, LONG_PTR ctx)
{
    (void)wParam;
    (void)lParam;
    const struct message *m = (const struct message *)ctx;
    if (event == TDN_CREATED && m->shield)
        SendMessageW(dialog, TDM_SET_BUTTON_ELEVATION_REQUIRED_STATE, (WPARAM)m->buttons[0].id, TRUE);
    if (event == TDN_TIMER && m->valid && !m->valid(m->ctx))
        SendMessageW(dialog, TDM_CLICK_BUTTON, IDCANCEL, 0);
    return S_OK;
}

int message_ask(HWND owner, const struct message *m)
{
    TASKDIALOG_BUTTON buttons[MESSAGE_BUTTONS];
    for (unsigned i = 0; i < m->count; i++) {
        buttons[i].nButtonID = m->buttons[i].id;
        buttons[i].pszButtonText = words_wide(m->buttons[i].text);
    }
    const char *args[] = {m->title_arg ? m->title_arg : ""};
    WCHAR *title = words_fill(m->title, args, 1);
    WCHAR *content = m->content ? utf16_from_utf8(m->content) : NULL;
    TASKDIALOGCONFIG config = {.cbSize = sizeof config,
                               .hwndParent = owner,
                               .hInstance = GetModuleHandleW(NULL),
                               .dwFlags = TDF_ALLOW_DIALOG_CANCELLATION | TDF_CALLBACK_TIMER | TDF_SIZE_TO_CONTENT,
                               .pszWindowTitle = words_wide(WORD_APP),
                               .pszMainInstruction = title,
                               .pszContent = content,
                               .cButtons = m->count,
                               .pButtons = m->count ? buttons : NULL,
                               .nDefaultButton = m->preferred,
                               .pfCallback = on_event,
                               .lpCallbackData = (LONG_PTR)m};
    config.pszMainIcon = m->icon;
    if (owner)
        config.dwFlags |= TDF_POSITION_RELATIVE_TO_WINDOW;
    if (m->links)
        config.dwFlags |= TDF_USE_COMMAND_LINKS;
    if (!m->count)
        config.dwCommonButtons = TDCBF_OK_BUTTON;
    int chosen = IDCANCEL;
    if (FAILED(TaskDialogIndirect(&config, &chosen, NULL, NULL)))
        chosen = IDCANCEL;
    free(content);
    free(title);
    return chosen;
}

void message_error(HWND owner, unsigned title, const struct err *err)
{
    char text[900];
    err_format(err, text, sizeof text);
    struct message m = {.title = title, .content = text, .icon = TD_ERROR_ICON};
    message_ask(owner, &m);
}

void message_note(HWND owner, unsigned text)
{
    struct message m = {.title = text, .icon = TD_INFORMATION_ICON};
    message_ask(owner, &m);
}

void message_about(HWND owner)
{
    const char *args[] = {HR_VERSION_TEXT};
    char text[400];
    view_fill(text, sizeof text, words_utf8(IDS_ABOUT_TEXT), args, 1);
    struct message m = {.title = WORD_APP, .content = text, .icon = MAKEINTRESOURCEW(IDI_APP)};
    message_ask(owner, &m);
}

void message_usage(void)
{
    struct message m = {.title = WORD_APP, .content = words_utf8(IDS_USAGE), .icon = TD_INFORMATION_ICON};
    message_ask(NULL, &m);
}
