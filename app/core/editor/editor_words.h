/* Numbers of the profile editor's texts: 1600 to 1699. Plain #defines, because the resource compiler reads them too. */
#ifndef HR_EDITOR_WORDS_H
#define HR_EDITOR_WORDS_H

#define EDITOR_WORD_SLOTS        1600
#define EDITOR_WORD_SLOTS_NONE   1601
#define EDITOR_WORD_SLOTS_ALL    1602
#define EDITOR_WORD_SLOTS_NAME   1603
#define EDITOR_WORD_TOGETHER     1604
#define EDITOR_WORD_NUMBER       1605
#define EDITOR_WORD_NOTICE       1610 /* + enum editor_mode, which has five values */
#define EDITOR_WORD_NOTICE_COPY  1615
#define EDITOR_WORD_FIXED        1616
#define EDITOR_WORD_RING_NO_FILE 1617
#define EDITOR_WORD_ONLY_FILE    1618
#define EDITOR_WORD_PERCENT      1619
#define EDITOR_WORD_MODE_NOTE    1620 /* + enum profile_storage */
#define EDITOR_WORD_SIZE_ANY     1624
#define EDITOR_WORD_SHARE        1626
#define EDITOR_WORD_CREATE       1627
#define EDITOR_WORD_DUPLICATE    1628
#define EDITOR_WORD_CLOSE        1629

#endif
