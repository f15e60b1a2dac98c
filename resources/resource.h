/* Numbers of the program's resources: dialogs, menus, commands, controls and strings. The resource compiler reads it.
 */
#ifndef HR_RESOURCE_H
#define HR_RESOURCE_H

/* Words of the portable code: 1000 to 1199. Lists and chart: 1200 to 1399. Profiles: 1400 to 1499. The window: from
 * 2000 on. */
#include "core/record/profile_words.h"
#include "core/record/view_words.h"
#include "core/report/result_words.h"
#include "list_strings.h"

#define IDI_APP     1
#define IDI_SUSPECT 2

#define IDD_MAIN   100
#define IDD_RECORD 101
#define IDR_MENU   110
#define IDR_KEYS   111
#define IDR_ROW    112

/* Controls of the main window. */
#define IDC_PROFILE_LABEL 300
#define IDC_PROFILE       301
#define IDC_EDIT          302
#define IDC_SUMMARY       303
#define IDC_RECORD        304
#define IDC_STOP          305
#define IDC_DISCARD       306
#define IDC_STEP          307
#define IDC_PROGRESS      308
#define IDC_CANCEL_SAVE   309
#define IDC_BAR_ICON      310
#define IDC_BAR           311
#define IDC_TYPES_LABEL   312
#define IDC_ONLY          313
#define IDC_TYPES         314
#define IDC_SPLITTER      315
#define IDC_PROCS_LABEL   316
#define IDC_PROCS         317
#define IDC_CHART_LABEL   318
#define IDC_CHART         319
#define IDC_STATUS        320

/* Controls of "What to record". */
#define IDC_ALL_TYPES   340
#define IDC_THESE_TYPES 341
#define IDC_TYPE_LIST   342
#define IDC_SLOTS       343
#define IDC_CREATE      344
#define IDC_CREATE_NOTE 345
#define IDC_DUPLICATE   346
#define IDC_CLOSE       347
#define IDC_CLOSE_NOTE  348
#define IDC_PROBLEM     349
#define IDC_SLOTS_BAR   350
#define IDC_STACKS_BOX  351

/* Commands. */
#define IDM_SAVE       400
#define IDM_EXIT       401
#define IDM_COPY       402
#define IDM_COPY_ALL   403
#define IDM_RESET      404
#define IDM_CHART      405
#define IDM_ON_TOP     406
#define IDM_RECORD     407
#define IDM_STOP       408
#define IDM_DISCARD    409
#define IDM_ONLY       410
#define IDM_ADD        411
#define IDM_EDIT       412
#define IDM_CHANGE     413
#define IDM_LOG_FOLDER 414
#define IDM_ABOUT      415
#define IDM_NEXT_PANE  416
#define IDM_PREV_PANE  417

/* Texts of the window. */
#define IDS_TYPES_LABEL       2000
#define IDS_TYPES_LABEL_SINCE 2001
#define IDS_PROCS_LABEL       2002
#define IDS_PROCS_LABEL_NONE  2003
#define IDS_CHART_LABEL       2004
#define IDS_NAME_TYPES        2005
#define IDS_NAME_PROCS        2006
#define IDS_NAME_SPLITTER     2007
#define IDS_NAME_WARNING      2008
#define IDS_NAME_INFO         2009
#define IDS_NAME_ERROR        2010
#define IDS_CANCEL_SAVE       2011
#define IDS_CHANGED_PROFILE   2012
#define IDS_EDIT_TITLE        2013
#define IDS_CHANGE_TITLE      2014
#define IDS_SLOTS             2015
#define IDS_TOGETHER          2016
#define IDS_NEED_TYPE         2017
#define IDS_SLOTS_FULL        2018
#define IDS_NO_CREATE         2019
#define IDS_SAVE_TITLE        2020
#define IDS_SAVE_FILTER       2021
#define IDS_SAVE_LABEL        2022
#define IDS_BLOCK_REASON      2023
#define IDS_BLOCK_SAFE        2024
#define IDS_USAGE             2025
#define IDS_ABOUT_TITLE       2026
#define IDS_ABOUT_TEXT        2027
#define IDS_ADD_FULL          2028
#define IDS_START_FAILED      2029
#define IDS_DROPPED_TYPE      2030
#define IDS_PROFILE_PROBLEM   2031
#define IDS_OPEN_FAILED       2032
#define IDS_COLUMN_TYPE       2033
#define IDS_COLUMN_TAG        2034
#define IDS_COLUMN_NOTE       2035
#define IDS_NAME_PROGRESS     2036
#define IDS_COLUMN_NOW        2037

/* Task dialogs: title, text and buttons of each stand together. */
#define IDS_CLOSE_TITLE     2100
#define IDS_CLOSE_TEXT      2101
#define IDS_CLOSE_SAVE      2102
#define IDS_CLOSE_KEEP      2103
#define IDS_CLOSE_KEEP_OPEN 2104
#define IDS_CLOSE_DISCARD   2105
#define IDS_DISCARD_TITLE   2110
#define IDS_DISCARD_TEXT    2111
#define IDS_DISCARD_YES     2112
#define IDS_DISCARD_NO      2113
#define IDS_ADMIN_TITLE     2120
#define IDS_ADMIN_TEXT      2121
#define IDS_ADMIN_RESTART   2122
#define IDS_ADMIN_WATCH     2123
#define IDS_ADMIN_ALWAYS    2124
#define IDS_ORPHAN_TITLE    2130
#define IDS_ORPHAN_TEXT     2131
#define IDS_ORPHAN_SAVE     2133
#define IDS_ORPHAN_CONTINUE 2134
#define IDS_ORPHAN_DISCARD  2135
#define IDS_OTHER_TITLE     2140
#define IDS_OTHER_TEXT      2141
#define IDS_OTHER_RETRY     2142
#define IDS_OTHER_CANCEL    2143
#define IDS_ALIVE_TITLE     2145
#define IDS_ALIVE_TEXT      2146
#define IDS_ALIVE_LEAVE     2147
#define IDS_ALIVE_SAVE      2148
#define IDS_SESSIONS_TITLE  2150
#define IDS_SESSIONS_TEXT   2151
#define IDS_SESSIONS_RETRY  2152
#define IDS_SESSIONS_CANCEL 2153
#define IDS_FILTER_TITLE    2160
#define IDS_FILTER_TEXT     2161
#define IDS_FILTER_ALL      2162
#define IDS_FILTER_NONE     2163
#define IDS_DISK_TITLE      2170
#define IDS_DISK_TEXT       2171
#define IDS_DISK_STOP       2172
#define IDS_DISK_KEEP       2173
#define IDS_DISK_TEXT_TIME  2174
#define IDS_UNSAVED_TITLE   2180
#define IDS_UNSAVED_TEXT    2181
#define IDS_UNSAVED_ELSE    2182
#define IDS_UNSAVED_AGAIN   2183
#define IDS_UNSAVED_LATER   2184

#endif
