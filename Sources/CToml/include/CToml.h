// Reading TOML, as a plain function: toml++ is a C++ template library.
#ifndef CTOML_H
#define CTOML_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

// What an entry's value is.
enum ctoml_kind { CTOML_STRING, CTOML_INTEGER, CTOML_FLOAT, CTOML_BOOLEAN, CTOML_OTHER };

// Told each value: the names that lead to it joined by 0x1F, its kind, its text, and the line of its
// key. Values of an array come one after another under the array's names; an empty array not at all.
typedef void (*ctoml_visit)(void *context, const char *path, enum ctoml_kind kind,
                            const char *text, int line);

// Reads a document. Returns 0, or the line of the first mistake, whose description is copied to
// error; nothing is visited then. -1 stands for a mistake whose line is not known.
int ctoml_read(const char *text, size_t length, ctoml_visit visit, void *context, char *error,
               size_t error_size);

#ifdef __cplusplus
}
#endif

#endif
