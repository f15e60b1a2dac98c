/* Numbers of the program's resources: dialogs, menus, commands, controls and strings. The resource compiler reads it.
 */
#ifndef HR_RESOURCE_H
#define HR_RESOURCE_H

/* Words of the portable code: 1000 to 1199. Lists and chart: 1200 to 1399. Profiles: 1400 to 1499. The profile editor:
 * 1600 to 1699. The window: from 2000 on. */
#include "core/editor/editor_words.h"
#include "core/record/profile_words.h"
#include "core/record/view_words.h"
#include "core/report/result_words.h"
#include "list_strings.h"

#define IDI_APP     1
#define IDI_SUSPECT 2

#define IDD_MAIN           100
#define IDD_EDITOR         120
#define IDD_EDITOR_GENERAL 121 /* + enum editor_page */
#define IDD_EDITOR_TYPES   122
#define IDD_EDITOR_STACKS  123
#define IDD_EDITOR_STORAGE 124
#define IDD_EDITOR_STOP    125
#define IDR_MENU           110
#define IDR_KEYS           111
#define IDR_ROW            112

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
#define IDC_MORE          321
#define IDC_MARK          322

/* Controls of the profile editor: frame, general, types, stacks, storage, stop rules. */
#define IDC_ED_TABS     340
#define IDC_ED_NOTICE   341
#define IDC_ED_COPY     342
#define IDC_ED_ESTIMATE 343

#define IDC_ED_NAME             350
#define IDC_ED_NAME_NOTE        351
#define IDC_ED_DESCRIPTION      352
#define IDC_ED_DESCRIPTION_NOTE 353
#define IDC_ED_LIVE             354
#define IDC_ED_LIVE_NOTE        355
#define IDC_ED_FILE_LABEL       356
#define IDC_ED_FILE             357

#define IDC_ALL_TYPES   360
#define IDC_THESE_TYPES 361
#define IDC_SEARCH      362
#define IDC_TYPE_LIST   363
#define IDC_SLOTS_BAR   364
#define IDC_SLOTS       365
#define IDC_TYPES_NOTE  366

#define IDC_CREATE         370
#define IDC_CREATE_NOTE    371
#define IDC_STACKS_NOTE    372
#define IDC_DUPLICATE      373
#define IDC_DUPLICATE_NOTE 374
#define IDC_CLOSE          375
#define IDC_CLOSE_NOTE     376
#define IDC_CLOSE_WHY      377

#define IDC_ED_RING          500
#define IDC_ED_TO_FILE       501
#define IDC_ED_CIRCULAR      502
#define IDC_ED_STORAGE_NOTE  503
#define IDC_ED_BUFFER        504
#define IDC_ED_BUFFER_NOTE   505
#define IDC_ED_MEMORY        506
#define IDC_ED_MEMORY_NOTE   507
#define IDC_ED_SIZE          508
#define IDC_ED_SIZE_NOTE     509
#define IDC_ED_SEGMENTS      510
#define IDC_ED_MINUTES       511
#define IDC_ED_SEGMENT_MB    512
#define IDC_ED_SEGMENTS_NOTE 513
#define IDC_ED_KEEP          514
#define IDC_ED_KEEP_NOTE     515

#define IDC_ED_AFTER        520
#define IDC_ED_AFTER_VALUE  521
#define IDC_ED_AFTER_NOTE   522
#define IDC_ED_AT           523
#define IDC_ED_AT_VALUE     524
#define IDC_ED_AT_NOTE      525
#define IDC_ED_DISK         526
#define IDC_ED_DISK_VALUE   527
#define IDC_ED_DISK_NOTE    528
#define IDC_ED_HOLD         529
#define IDC_ED_HOLD_PROCESS 530
#define IDC_ED_HOLD_COUNT   531
#define IDC_ED_HOLD_TYPE    532
#define IDC_ED_HOLD_NOTE    533
#define IDC_ED_GROW         534
#define IDC_ED_GROW_TYPE    535
#define IDC_ED_GROW_COUNT   536
#define IDC_ED_GROW_NOTE    537

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

#define IDM_SNAPSHOT 418
#define IDM_MARK     419

#define IDM_PROFILE_NEW     440
#define IDM_PROFILE_SAVE_AS 441
#define IDM_PROFILE_DELETE  442
#define IDM_PROFILE_IMPORT  443
#define IDM_PROFILE_XPERF   444

/* The results window: its dialogs, controls, commands and texts. */
#define IDD_RESULTS      140
#define IDD_COLUMNS      141
#define IDR_RESULTS      142
#define IDR_RESULTS_KEYS 143

#define IDC_RESULTS_GROUP_LABEL  700
#define IDC_RESULTS_GROUP        701
#define IDC_RESULTS_FILTER_LABEL 702
#define IDC_RESULTS_FILTER       703
#define IDC_RESULTS_ONLY         704
#define IDC_RESULTS_LIST         705
#define IDC_RESULTS_SPLITTER     706
#define IDC_RESULTS_DETAIL       707
#define IDC_RESULTS_STACK        708
#define IDC_RESULTS_SUMMARY      709
#define IDC_RESULTS_MORE         710
#define IDC_RESULTS_COPY         711
#define IDC_RESULTS_EXPORT       712
#define IDC_RESULTS_PROGRESS     713
#define IDC_RESULTS_CANCEL       714
#define IDC_COLUMNS_LIST         720
#define IDC_COLUMNS_UP           721
#define IDC_COLUMNS_DOWN         722
#define IDC_COLUMNS_PROBLEM      723
#define IDC_COLUMNS_LABEL        724

#define IDM_OPEN                430
#define IDM_LEAKS               431
#define IDM_RESULTS_FOLD        730
#define IDM_RESULTS_UNFOLD_ALL  731
#define IDM_RESULTS_COPY        732
#define IDM_RESULTS_COPY_ALL    733
#define IDM_RESULTS_ETWANALYZER 734
#define IDM_RESULTS_WPA         735
#define IDM_RESULTS_FOLDER      736
#define IDM_RESULTS_FILTER      737
#define IDM_RESULTS_EXPORT      738

#define IDS_RESULTS_TITLE        2300
#define IDS_RESULTS_READING      2301
#define IDS_RESULTS_SAVING       2302
#define IDS_RESULTS_CANCELLING   2303
#define IDS_RESULTS_CANCELLED    2304
#define IDS_RESULTS_SAVED        2305
#define IDS_RESULTS_NOT_SAVED    2306
#define IDS_RESULTS_COPIED       2307
#define IDS_RESULTS_COPIED_ALL   2308
#define IDS_RESULTS_COPIED_LINE  2309
#define IDS_RESULTS_NOT_COPIED   2310
#define IDS_RESULTS_EXPORT_TITLE 2311
#define IDS_RESULTS_HTML         2312
#define IDS_RESULTS_CSV          2313
#define IDS_RESULTS_JSON         2314
#define IDS_RESULTS_TEXT         2315
#define IDS_RESULTS_CUSTOMIZE    2316
#define IDS_RESULTS_GROUPING     2320 /* and the three that follow */
#define IDS_RESULTS_ANY          2324
#define IDS_COLUMNS_NONE         2325
#define IDS_OPEN_TITLE           2326
#define IDS_OPEN_ALL_FILES       2327
#define IDS_REPLACE_TITLE        2328
#define IDS_REPLACE_YES          2340
#define IDS_REPLACE_NO           2341
#define IDS_WPA_TITLE            2330
#define IDS_WPA_TEXT             2331
#define IDS_WPA_STORE            2332
#define IDS_WPA_HERE             2333

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
#define IDS_NEED_TYPE         2017
#define IDS_SLOTS_FULL        2018
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
#define IDS_MARK_TEXT         2038
#define IDS_SNAPSHOT_TITLE    2039

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

/* The profile editor. */
#define IDS_ED_TITLE               2200 /* + enum editor_mode */
#define IDS_ED_TAB                 2205 /* + enum editor_page */
#define IDS_ED_SEARCH              2210
#define IDS_ED_COPY_OF             2211
#define IDS_ED_COPY_OF_MORE        2212
#define IDS_ED_LIVE_NOTE           2213
#define IDS_ED_CLOSE_WHY           2217
#define IDS_ED_ANY_TYPE            2218
#define IDS_ED_CANCEL_TITLE        2220
#define IDS_ED_CANCEL_TEXT         2221
#define IDS_ED_CANCEL_TEXT_NEW     2222
#define IDS_ED_CANCEL_TEXT_RUNNING 2223
#define IDS_ED_CANCEL_YES          2224
#define IDS_ED_CANCEL_NO           2225
#define IDS_ED_LEFT_OUT_TITLE      2226
#define IDS_ED_LEFT_OUT_YES        2227
#define IDS_ED_LEFT_OUT_NO         2228
#define IDS_ED_SAVE_FAILED         2229

/* The menu Profile. */
#define IDS_PROFILE_FILES         2240
#define IDS_PROFILE_SAVE_AS       2241
#define IDS_PROFILE_IMPORT        2242
#define IDS_PROFILE_DELETE_TITLE  2243
#define IDS_PROFILE_DELETE_YES    2244
#define IDS_PROFILE_DELETE_FAILED 2245
#define IDS_PROFILE_XPERF_TITLE   2246
#define IDS_PROFILE_XPERF_FAILED  2247

#endif
