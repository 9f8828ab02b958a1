// The waiting half of CTerminal.h: signals, wake-ups and the one poll of the console.
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "CTerminal.h"

static sigset_t while_waiting;

int ct_open_signals(void) {
  sigset_t blocked, handled;
  sigemptyset(&handled);
  sigaddset(&handled, SIGTERM);
  sigaddset(&handled, SIGHUP);
  sigaddset(&handled, SIGINT);
  sigaddset(&handled, SIGTSTP);
  sigaddset(&handled, SIGCONT);
  blocked = handled;
  // Blocked everywhere but inside ct_wait, so that it interrupts exactly that poll.
  sigaddset(&blocked, SIGWINCH);
  if (pthread_sigmask(SIG_BLOCK, &blocked, &while_waiting) != 0) return -1;
  while_waiting = blocked;
  sigdelset(&while_waiting, SIGWINCH);
  signal(SIGPIPE, SIG_IGN);
  return signalfd(-1, &handled, SFD_NONBLOCK | SFD_CLOEXEC);
}

int ct_next_signal(int descriptor) {
  struct signalfd_siginfo info;
  return read(descriptor, &info, sizeof info) == sizeof info ? (int)info.ssi_signo : 0;
}

int ct_open_wake(void) { return eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC); }

void ct_wake(int descriptor) {
  uint64_t one = 1;
  ssize_t ignored = write(descriptor, &one, sizeof one);
  (void)ignored;
}

void ct_clear_wake(int descriptor) {
  uint64_t count;
  ssize_t ignored = read(descriptor, &count, sizeof count);
  (void)ignored;
}

int ct_wait(int signals, int wake, int timeout) {
  struct pollfd waits[3] = {
      {.fd = STDIN_FILENO, .events = POLLIN},
      {.fd = signals, .events = POLLIN},
      {.fd = wake, .events = POLLIN},
  };
  struct timespec limit = {.tv_sec = timeout / 1000, .tv_nsec = (timeout % 1000) * 1000000L};
  int ready = ppoll(waits, 3, timeout < 0 ? NULL : &limit, &while_waiting);
  // A changed window interrupts the poll; ncurses then has a key that says so.
  if (ready < 0) return errno == EINTR ? 1 : 8;
  int set = 0;
  if (waits[0].revents & POLLIN) set |= 1;
  if (waits[0].revents & (POLLHUP | POLLERR | POLLNVAL)) set |= 8;
  if (waits[1].revents != 0) set |= 2;
  if (waits[2].revents != 0) set |= 4;
  return set;
}

void ct_wait_for_wake(int wake) {
  struct pollfd waits = {.fd = wake, .events = POLLIN};
  while (poll(&waits, 1, -1) < 0 && errno == EINTR) {
  }
  ct_clear_wake(wake);
}
