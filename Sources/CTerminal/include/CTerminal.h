// The few terminal calls the console needs, as plain functions: ncurses' macros and variadic
// functions cannot be imported into Swift. No curses type is visible here.
#ifndef CTERMINAL_H
#define CTERMINAL_H

#include <stdbool.h>
#include <stdint.h>

// Keys that are not characters, as ct_key reports them.
enum ct_key_code {
  CT_KEY_UP = 1,
  CT_KEY_DOWN,
  CT_KEY_LEFT,
  CT_KEY_RIGHT,
  CT_KEY_PAGE_UP,
  CT_KEY_PAGE_DOWN,
  CT_KEY_HOME,
  CT_KEY_END,
  CT_KEY_ENTER,
  CT_KEY_BACKSPACE,
  CT_KEY_DELETE,
  CT_KEY_BACK_TAB,
  CT_KEY_RESIZE,
  CT_KEY_MOUSE,
  // A paste begins: ct_paste reads it.
  CT_KEY_PASTE,
  CT_KEY_FUNCTION = 100,
};

// What ct_key found.
enum ct_key_kind { CT_NONE = 0, CT_CHARACTER = 1, CT_CODE = 2, CT_END = 3 };

// Attributes of a style, to be or-ed.
enum ct_attribute { CT_BOLD = 1, CT_DIM = 2, CT_REVERSE = 4, CT_UNDERLINE = 8 };

// Blocks TERM, HUP, INT, TSTP, CONT and WINCH for this and all later threads, and ignores PIPE.
// Returns a descriptor from which ct_next_signal reads all of them but WINCH; -1 on failure.
int ct_open_signals(void);

// The next signal waiting on the descriptor; 0 when there is none.
int ct_next_signal(int descriptor);

// Waits until standard input, the signals or the wake descriptor are ready, the window changes its
// size, or timeout milliseconds are over (-1 for ever). Returns a set: 1 input, 2 signal, 4 wake,
// 8 hang-up.
int ct_wait(int signals, int wake, int timeout);

// Waits for the wake descriptor alone, for ever.
void ct_wait_for_wake(int wake);

// A descriptor that ct_wake makes ready and ct_clear_wake makes quiet; safe from any thread.
int ct_open_wake(void);
void ct_wake(int descriptor);
void ct_clear_wake(int descriptor);

// Takes the terminal over; an unknown TERM is tried again as xterm-256color. Returns false when
// there is no terminal that can be used.
bool ct_open(void);
// Gives the terminal back as it was.
void ct_close(void);
// Gives the terminal back, stops the process, and takes it over again when it goes on.
void ct_suspend(void);

bool ct_is_utf8(void);
int ct_colors(void);
void ct_size(int *height, int *width);

// Writes a line to standard error, once the terminal was given back.
void ct_tell(const char *line);

// Takes clicks of the first button and the wheel from the terminal.
void ct_mouse(bool wanted);
// What the mouse did, once ct_key has told CT_KEY_MOUSE, and where.
enum ct_mouse_kind { CT_NO_MOUSE, CT_PRESS, CT_DOUBLE_PRESS, CT_WHEEL_UP, CT_WHEEL_DOWN };
enum ct_mouse_kind ct_mouse_event(int *row, int *column);

// Puts base64 digits on the terminal's clipboard (OSC 52); false when it is known to have none.
bool ct_copy(const char *digits);

// Defines a style: a foreground and background colour (-1 for the terminal's own) and attributes.
void ct_style(int style, int foreground, int background, int attributes);

// Draws UTF-8 text at a place in a style. What a terminal would obey, or give no width, becomes ?.
void ct_put(int row, int column, const char *text, int style);
void ct_erase(void);
// Sends what has changed since the last flush and puts the cursor; hides it when row is negative.
void ct_flush(int row, int column);
// Draws everything anew at the next flush.
void ct_redraw(void);
// Bytes that the line has not taken yet.
int ct_output_waiting(void);

// The bytes of a paste that have come, at most room of them, without waiting; *ended tells that its
// end was among them. They are text, whatever they hold.
int ct_paste(unsigned char *bytes, int room, bool *ended);

// The next key without waiting.
enum ct_key_kind ct_key(uint32_t *value);

#endif
