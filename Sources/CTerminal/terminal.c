// The terminal half of CTerminal.h: everything that talks to ncurses.
#define _GNU_SOURCE
#define NCURSES_WIDECHAR 1
#if __has_include(<ncursesw/curses.h>)
#include <ncursesw/curses.h>
#include <ncursesw/term.h>
#else
#include <curses.h>
#include <term.h>
#endif
#include <langinfo.h>
#include <locale.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>
#include <wchar.h>

#include "CTerminal.h"

static SCREEN *screen;
static struct termios saved;
static bool have_saved;
// What puts a terminal right again without ncurses, made while it was well.
static char restore[256];
static size_t restore_length;

// Outside of what ncurses and terminfo give to keys.
#define KEY_PASTE 0x5000
static const char paste_end[] = "\033[201~";
// Bytes of the end of a paste that have come.
static int paste_matched;
static bool takes_paste;

#define STYLES 64
static attr_t attributes[STYLES];
static short pairs[STYLES];

// Only calls that are safe in a handler, then the default action.
static void crashed(int number) {
  if (have_saved) tcsetattr(STDIN_FILENO, TCSANOW, &saved);
  ssize_t ignored = write(STDOUT_FILENO, restore, restore_length);
  (void)ignored;
  signal(number, SIG_DFL);
  raise(number);
}

static void add_restore(const char *text) {
  if (text == NULL || text == (char *)-1) return;
  // Padding such as $<5> is left out: it is only asked for by hardware terminals.
  for (size_t at = 0; text[at] != 0 && restore_length < sizeof restore - 3; at++) {
    if (text[at] == '$' && text[at + 1] == '<') {
      while (text[at] != 0 && text[at] != '>') at++;
      if (text[at] == 0) break;
      continue;
    }
    restore[restore_length++] = text[at];
  }
}

static void prepare_crash_handler(void) {
  restore_length = 0;
  if (takes_paste) add_restore("\033[?2004l");
  add_restore(tigetstr("sgr0"));
  add_restore(tigetstr("cnorm"));
  add_restore(tigetstr("rmkx"));
  add_restore(tigetstr("rmcup"));
  restore[restore_length++] = '\r';
  restore[restore_length++] = '\n';
  const int fatal[] = {SIGSEGV, SIGBUS, SIGILL, SIGTRAP, SIGABRT, SIGFPE, SIGSYS};
  for (size_t at = 0; at < sizeof fatal / sizeof fatal[0]; at++) {
    struct sigaction action = {.sa_handler = crashed, .sa_flags = SA_RESETHAND};
    sigaction(fatal[at], &action, NULL);
  }
}

// Whether the terminal skips sequences it does not understand; the others print them.
static bool skips_unknown(void) {
  const char *term = getenv("TERM");
  const char *without[] = {"linux", "vt", "ansi", "cons", "sun"};
  for (size_t at = 0; term != NULL && at < sizeof without / sizeof without[0]; at++) {
    if (strncmp(term, without[at], strlen(without[at])) == 0) return false;
  }
  return true;
}

// Behind what ncurses has sent, and unseen by it.
static void mark_pastes(bool wanted) {
  if (!takes_paste) return;
  fputs(wanted ? "\033[?2004h" : "\033[?2004l", stdout);
  fflush(stdout);
}

bool ct_open(void) {
  setlocale(LC_ALL, "");
  if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)) return false;
  have_saved = tcgetattr(STDIN_FILENO, &saved) == 0;
  screen = newterm(NULL, stdout, stdin);
  if (screen == NULL) screen = newterm("xterm-256color", stdout, stdin);
  if (screen == NULL) return false;
  set_term(screen);
  // One that cannot move its cursor would only be littered.
  const char *address = tigetstr("cup");
  if (address == NULL || address == (char *)-1) {
    endwin();
    delscreen(screen);
    screen = NULL;
    return false;
  }
  set_escdelay(25);
  raw();
  noecho();
  nonl();
  intrflush(stdscr, FALSE);
  keypad(stdscr, TRUE);
  nodelay(stdscr, TRUE);
  typeahead(-1);
  leaveok(stdscr, FALSE);
  if (has_colors() && getenv("NO_COLOR") == NULL) {
    start_color();
    use_default_colors();
  }
  takes_paste = skips_unknown() && define_key("\033[200~", KEY_PASTE) == OK;
  prepare_crash_handler();
  mark_pastes(true);
  return true;
}

void ct_mouse(bool wanted) {
  // A press is told at once; ncurses would wait to see whether a second one follows. It still makes
  // a click of a press and release that come together.
  mouseinterval(0);
  mousemask(wanted ? BUTTON1_PRESSED | BUTTON1_CLICKED | BUTTON1_DOUBLE_CLICKED |
                         BUTTON4_PRESSED | BUTTON5_PRESSED
                   : 0,
            NULL);
}

enum ct_mouse_kind ct_mouse_event(int *row, int *column) {
  static struct timespec last;
  static int last_row = -1;
  MEVENT event;
  if (getmouse(&event) != OK) return CT_NO_MOUSE;
  *row = event.y;
  *column = event.x;
  if (event.bstate & BUTTON4_PRESSED) return CT_WHEEL_UP;
  if (event.bstate & BUTTON5_PRESSED) return CT_WHEEL_DOWN;
  if (event.bstate & BUTTON1_DOUBLE_CLICKED) return CT_DOUBLE_PRESS;
  if (!(event.bstate & (BUTTON1_PRESSED | BUTTON1_CLICKED))) return CT_NO_MOUSE;
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  long passed = (now.tv_sec - last.tv_sec) * 1000 + (now.tv_nsec - last.tv_nsec) / 1000000;
  bool again = last_row == event.y && passed < 400;
  last = now;
  last_row = again ? -1 : event.y;
  return again ? CT_DOUBLE_PRESS : CT_PRESS;
}

bool ct_copy(const char *digits) {
  if (!skips_unknown()) return false;
  // Behind what ncurses has sent, and unseen by it.
  fputs("\033]52;c;", stdout);
  fputs(digits, stdout);
  fputs("\a", stdout);
  return fflush(stdout) == 0;
}

void ct_close(void) {
  if (screen == NULL) return;
  mark_pastes(false);
  endwin();
  delscreen(screen);
  screen = NULL;
  if (have_saved) tcsetattr(STDIN_FILENO, TCSADRAIN, &saved);
}

void ct_suspend(void) {
  mark_pastes(false);
  endwin();
  raise(SIGSTOP);
  mark_pastes(true);
  // The window may have changed meanwhile, and nobody told a stopped process.
  struct winsize size;
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > 0 && size.ws_col > 0) {
    resizeterm(size.ws_row, size.ws_col);
  }
  clearok(curscr, TRUE);
}

bool ct_is_utf8(void) { return strcmp(nl_langinfo(CODESET), "UTF-8") == 0; }

int ct_colors(void) { return getenv("NO_COLOR") == NULL && has_colors() ? COLORS : 0; }

void ct_size(int *height, int *width) { getmaxyx(stdscr, *height, *width); }

void ct_style(int style, int foreground, int background, int wanted) {
  if (style < 0 || style >= STYLES) return;
  attr_t value = A_NORMAL;
  if (wanted & CT_BOLD) value |= A_BOLD;
  if (wanted & CT_DIM) value |= A_DIM;
  if (wanted & CT_REVERSE) value |= A_REVERSE;
  if (wanted & CT_UNDERLINE) value |= A_UNDERLINE;
  attributes[style] = value;
  pairs[style] = 0;
  if (ct_colors() > 0 && (foreground >= 0 || background >= 0) && style + 1 < COLOR_PAIRS) {
    init_pair((short)(style + 1), (short)foreground, (short)background);
    pairs[style] = (short)(style + 1);
  }
}

void ct_put(int row, int column, const char *text, int style) {
  if (style < 0 || style >= STYLES || row < 0 || column < 0) return;
  attr_set(attributes[style], pairs[style], NULL);
  move(row, column);
  // The last guard: whatever a view has done, nothing that a terminal obeys is passed on.
  mbstate_t state = {0};
  size_t left = strlen(text);
  while (left > 0) {
    wchar_t wide = 0;
    size_t length = mbrtowc(&wide, text, left, &state);
    bool broken = length == (size_t)-1 || length == (size_t)-2 || length == 0;
    if (broken) {
      length = 1;
      state = (mbstate_t){0};
    }
    if (broken || wcwidth(wide) < 0) {
      addch('?');
    } else {
      addnstr(text, (int)length);
    }
    text += length;
    left -= length;
  }
}

void ct_tell(const char *line) {
  fputs(line, stderr);
  fputc('\n', stderr);
}

void ct_erase(void) {
  attr_set(A_NORMAL, 0, NULL);
  erase();
}

void ct_flush(int row, int column) {
  if (row >= 0) {
    curs_set(1);
    move(row, column);
  } else {
    curs_set(0);
  }
  wnoutrefresh(stdscr);
  doupdate();
}

void ct_redraw(void) { clearok(curscr, TRUE); }

int ct_output_waiting(void) {
  int waiting = 0;
  return ioctl(STDOUT_FILENO, TIOCOUTQ, &waiting) == 0 ? waiting : 0;
}

static uint32_t code_of(wint_t key) {
  switch (key) {
    case KEY_UP: return CT_KEY_UP;
    case KEY_DOWN: return CT_KEY_DOWN;
    case KEY_LEFT: return CT_KEY_LEFT;
    case KEY_RIGHT: return CT_KEY_RIGHT;
    case KEY_PPAGE: return CT_KEY_PAGE_UP;
    case KEY_NPAGE: return CT_KEY_PAGE_DOWN;
    case KEY_HOME: case KEY_A1: return CT_KEY_HOME;
    case KEY_END: case KEY_C1: return CT_KEY_END;
    case KEY_ENTER: return CT_KEY_ENTER;
    case KEY_BACKSPACE: return CT_KEY_BACKSPACE;
    case KEY_DC: return CT_KEY_DELETE;
    case KEY_BTAB: return CT_KEY_BACK_TAB;
    case KEY_RESIZE: return CT_KEY_RESIZE;
    case KEY_MOUSE: return CT_KEY_MOUSE;
    case KEY_PASTE: return CT_KEY_PASTE;
    default: break;
  }
  if (key >= KEY_F(1) && key <= KEY_F(24)) return CT_KEY_FUNCTION + (key - KEY_F(0));
  return 0;
}

// Read past ncurses, which takes no byte before it wants it: inside a paste nothing is a key.
int ct_paste(unsigned char *bytes, int room, bool *ended) {
  int waiting = 0;
  int count = 0;
  *ended = false;
  if (ioctl(STDIN_FILENO, FIONREAD, &waiting) != 0) return 0;
  while (waiting-- > 0 && count + (int)sizeof paste_end <= room) {
    unsigned char byte;
    if (read(STDIN_FILENO, &byte, 1) != 1) break;
    if (byte == (unsigned char)paste_end[paste_matched]) {
      if (++paste_matched < (int)sizeof paste_end - 1) continue;
      paste_matched = 0;
      *ended = true;
      break;
    }
    // What was held back was text after all, and this byte may begin the end.
    memcpy(bytes + count, paste_end, (size_t)paste_matched);
    count += paste_matched;
    paste_matched = byte == (unsigned char)paste_end[0];
    if (paste_matched == 0) bytes[count++] = byte;
  }
  return count;
}

enum ct_key_kind ct_key(uint32_t *value) {
  wint_t key = 0;
  int kind = get_wch(&key);
  if (kind == ERR) return CT_NONE;
  if (kind == KEY_CODE_YES) {
    *value = code_of(key);
    return CT_CODE;
  }
  *value = (uint32_t)key;
  return CT_CHARACTER;
}
