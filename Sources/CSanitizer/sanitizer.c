#include "CSanitizer.h"

#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define HAS_THREAD_SANITIZER 1
#endif
#endif

#ifdef HAS_THREAD_SANITIZER
void __tsan_acquire(void *address);
void __tsan_release(void *address);

void csanitizer_acquired(const void *lock) { __tsan_acquire((void *)lock); }
void csanitizer_releases(const void *lock) { __tsan_release((void *)lock); }
#else
void csanitizer_acquired(const void *lock) { (void)lock; }
void csanitizer_releases(const void *lock) { (void)lock; }
#endif
