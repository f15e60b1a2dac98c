/* Feeds the nodes that XmlLite reads into the .wprp sink. */
#define COBJMACROS
#include "win/xml_win.h"

#include "core/base/file.h"
#include "core/base/text.h"
#include "win/win.h"

#include <objidl.h>
#include <xmllite.h>

#include <stdlib.h>
#include <string.h>

typedef HRESULT(WINAPI *create_reader_fn)(REFIID, void **, IMalloc *);

/* IXmlReader; no import library of the system's is at hand that has only this. */
static const IID iid_reader = {0x7279fc81, 0x709d, 0x4095, {0xb6, 0x3d, 0x69, 0xfe, 0x4b, 0x0d, 0x90, 0x30}};

/* XmlLite itself says these where the document is not what it should be. */
#define XML_ERROR_FIRST 0xC00CE000u
#define XML_ERROR_LAST  0xC00CFFFFu

struct load {
    IXmlReader *reader;
    struct wprp *sink;
    const char *name;        /* of the file, for messages */
    struct wprp_place place; /* the last one known */
    struct wprp_exam *exam;  /* NULL, or what to note in */
    bool examined;
};

static struct wprp_place here(struct load *l)
{
    UINT line = 0;
    UINT column = 0;
    IXmlReader_GetLineNumber(l->reader, &line);
    IXmlReader_GetLinePosition(l->reader, &column);
    /* Some errors are found before the reader stands anywhere. */
    if (line)
        l->place = (struct wprp_place){line, column};
    return l->place;
}

static bool fail(struct load *l, HRESULT hr, struct err *err)
{
    uint32_t code = (uint32_t)hr;
    if (code < XML_ERROR_FIRST || code > XML_ERROR_LAST)
        return err_set_os(err, ERR_KIND_HRESULT, code, "Reading the profile %s", l->name);
    struct wprp_place at = here(l);
    err_set(err, ERR_FORMAT, "%s(%u,%u): it is not well-formed XML (0x%08X)", l->name, at.line, at.column, code);
    return err_remedy(err, "Correct the file there, or choose another profile.");
}

/* A name or value as UTF-8 with NUL; the caller frees it. */
static char *utf8(const WCHAR *s, UINT units)
{
    struct text t = {0};
    text_add(&t, "");
    text_add_utf16le(&t, s, units, false);
    if (t.failed)
        text_free(&t);
    return t.s;
}

/* The qualified name, or the value, of the node that the reader stands on. */
static bool node_text(struct load *l, bool value, char **out, struct err *err)
{
    const WCHAR *s = NULL;
    UINT units = 0;
    HRESULT hr =
        value ? IXmlReader_GetValue(l->reader, &s, &units) : IXmlReader_GetQualifiedName(l->reader, &s, &units);
    if (FAILED(hr))
        return fail(l, hr, err);
    char *copy = utf8(s, units);
    if (!copy)
        return err_set(err, ERR_NO_MEMORY, "Reading the profile %s", l->name);
    *out = copy;
    return true;
}

static bool feed_attribute(struct load *l, struct err *err)
{
    char *name = NULL;
    char *value = NULL;
    bool ok = node_text(l, false, &name, err) && node_text(l, true, &value, err) &&
              wprp_attribute(l->sink, name, value, here(l), err);
    free(name);
    free(value);
    return ok;
}

static bool feed_element(struct load *l, struct err *err)
{
    char *name = NULL;
    struct wprp_place at = here(l);
    bool empty = IXmlReader_IsEmptyElement(l->reader);
    if (!node_text(l, false, &name, err))
        return false;
    bool ok = wprp_element(l->sink, name, at, err);
    free(name);
    if (!ok)
        return false;
    HRESULT hr = IXmlReader_MoveToFirstAttribute(l->reader);
    while (hr == S_OK) {
        if (!feed_attribute(l, err))
            return false;
        hr = IXmlReader_MoveToNextAttribute(l->reader);
    }
    if (FAILED(hr))
        return fail(l, hr, err);
    return !empty || wprp_element_end(l->sink, at, err);
}

static bool feed_text(struct load *l, struct err *err)
{
    char *s = NULL;
    bool ok = node_text(l, true, &s, err) && wprp_text(l->sink, s, here(l), err);
    free(s);
    return ok;
}

static bool feed_node(struct load *l, XmlNodeType type, struct err *err)
{
    switch (type) {
    case XmlNodeType_Element:
        return feed_element(l, err);
    case XmlNodeType_EndElement:
        return wprp_element_end(l->sink, here(l), err);
    case XmlNodeType_Text:
    case XmlNodeType_CDATA:
        return feed_text(l, err);
    default: /* declaration, comments, white space, instructions for other programs */
        return true;
    }
}

static bool feed_all(struct load *l, struct profile *out, struct err *err)
{
    XmlNodeType type = XmlNodeType_None;
    HRESULT hr = IXmlReader_Read(l->reader, &type);
    while (hr == S_OK) {
        if (!feed_node(l, type, err))
            return false;
        hr = IXmlReader_Read(l->reader, &type);
    }
    if (FAILED(hr))
        return fail(l, hr, err);
    if (l->exam)
        wprp_examine(l->sink, l->exam);
    l->examined = true;
    return wprp_finish_examined(l->sink, out, l->exam, err);
}

static bool read_stream(struct load *l, IStream *stream, struct profile *out, struct err *err)
{
    create_reader_fn create = (create_reader_fn)win_system_proc(L"xmllite.dll", "CreateXmlReader");
    if (!create)
        return err_set(err, ERR_UNSUPPORTED, "Reading the profile %s, for which this Windows has no XML reader",
                       l->name);
    void *reader = NULL;
    HRESULT hr = create(&iid_reader, &reader, NULL);
    if (FAILED(hr))
        return err_set_os(err, ERR_KIND_HRESULT, (uint32_t)hr, "Starting the XML reader");
    l->reader = reader;
    hr = IXmlReader_SetProperty(l->reader, XmlReaderProperty_DtdProcessing, DtdProcessing_Prohibit);
    if (SUCCEEDED(hr))
        hr = IXmlReader_SetProperty(l->reader, XmlReaderProperty_MaxElementDepth, WPRP_MAX_DEPTH + 1);
    if (SUCCEEDED(hr))
        hr = IXmlReader_SetInput(l->reader, (IUnknown *)stream);
    bool ok = SUCCEEDED(hr) ? feed_all(l, out, err) : fail(l, hr, err);
    IXmlReader_Release(l->reader);
    return ok;
}

/* The whole file in memory, so that it cannot change while it is read. The caller frees it. */
static bool read_file(const char *path, const char *name, unsigned char **out, UINT *bytes, struct err *err)
{
    struct file *f = NULL;
    uint64_t size = 0;
    size_t got = 0;
    unsigned char *data = NULL;
    if (!file_open(path, FILE_TO_READ, &f, err))
        return false;
    bool ok = file_size(f, &size, err);
    if (ok && size > WPRP_MAX_BYTES) {
        ok = err_set(err, ERR_RANGE, "%s(1,1): the file is larger than %u MB", name, WPRP_MAX_BYTES >> 20);
        err_remedy(err, "Choose another profile.");
    }
    if (ok) {
        data = malloc((size_t)size + 1);
        ok = data ? file_read_at(f, 0, data, (size_t)size, &got, err)
                  : err_set(err, ERR_NO_MEMORY, "Reading the profile %s", name);
    }
    file_close(f);
    if (!ok) {
        free(data);
        return false;
    }
    *out = data;
    *bytes = (UINT)got;
    return true;
}

static const char *name_of(const char *path)
{
    const char *name = path;
    for (const char *p = path; *p; p++)
        if (*p == '\\' || *p == '/' || *p == ':')
            name = p + 1;
    return name;
}

typedef IStream *(WINAPI *memory_stream_fn)(const BYTE *, UINT);

static bool load(struct load *l, const char *path, struct profile *out, struct err *err)
{
    unsigned char *data = NULL;
    UINT bytes = 0;
    if (!read_file(path, l->name, &data, &bytes, err))
        return false;
    memory_stream_fn memory_stream = (memory_stream_fn)win_system_proc(L"shlwapi.dll", "SHCreateMemStream");
    IStream *stream = memory_stream ? memory_stream(data, bytes) : NULL;
    free(data);
    if (!stream)
        return err_set(err, ERR_NO_MEMORY, "Reading the profile %s", l->name);
    bool ok = wprp_create(l->name, &l->sink, err) && read_stream(l, stream, out, err);
    wprp_free(l->sink);
    IStream_Release(stream);
    return ok;
}

bool wprp_load(const char *path, struct profile *out, struct err *err)
{
    struct load l = {.name = name_of(path), .place = {1, 1}};
    return load(&l, path, out, err);
}

bool wprp_load_examined(const char *path, struct profile *out, struct wprp_exam *exam, bool *examined, struct err *err)
{
    struct load l = {.name = name_of(path), .place = {1, 1}, .exam = exam};
    bool ok = load(&l, path, out, err);
    *examined = l.examined;
    return ok;
}
