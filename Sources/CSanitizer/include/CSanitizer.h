// Tells ThreadSanitizer of locks it cannot see: Swift's Mutex lives in a library without its hooks.
// Without the sanitizer these do nothing.
#ifndef CSANITIZER_H
#define CSANITIZER_H

void csanitizer_acquired(const void *lock);
void csanitizer_releases(const void *lock);

#endif
