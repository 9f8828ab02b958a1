import CTerminal
import DiskQueue
package import QueueConsole
import QueueInspection

/// The real terminal: draws frames and reads keys through ncurses.
///
/// One thread owns it.
package final class CursesTerminal {
  private var last: Frame?
  private var pasting: PasteReader?

  /// Takes the terminal over; nil when there is none that can be used.
  package init?() {
    guard ct_open() else { return nil }
    define([:])
  }

  /// Sets how roles look, where that is not the standard.
  func define(_ theme: [Role: Preferences.Style]) {
    Palette.define(colors: Int(ct_colors()), theme)
  }

  /// Takes clicks and the wheel from the terminal, whose own selection then needs Shift.
  func takeMouse() { ct_mouse(true) }

  /// Puts bytes on the terminal's clipboard (OSC 52); false when it is known to have none.
  func copy(_ bytes: [UInt8]) -> Bool {
    var digits: [UInt8] = []
    Base64.encode(bytes, into: &digits)
    return unsafe ct_copy(String(decoding: digits, as: UTF8.self))
  }

  /// Whether text beyond ASCII can be shown.
  package var isUTF8: Bool { ct_is_utf8() }

  /// Columns and rows now.
  package var size: (columns: Int, rows: Int) {
    var rows: Int32 = 0
    var columns: Int32 = 0
    unsafe ct_size(&rows, &columns)
    return (Int(columns), Int(rows))
  }

  /// Whether the line still holds output of an earlier frame.
  package var isBehind: Bool { ct_output_waiting() > 0 }

  /// Shows a frame: only rows that differ from the last are drawn, and ncurses sends only the cells
  /// that differ, so the same frame again sends nothing.
  package func show(_ frame: Frame) {
    if frame == last { return }
    let whole = last?.columns != frame.columns || last?.rows != frame.rows
    if whole { ct_erase() }
    for row in 0..<frame.rows where whole || differs(row, frame) { draw(row, frame) }
    if let cursor = frame.cursor {
      ct_flush(Int32(cursor.row), Int32(cursor.column))
    } else {
      ct_flush(-1, 0)
    }
    last = frame
  }

  private func differs(_ row: Int, _ frame: Frame) -> Bool {
    guard let last else { return true }
    let range = (row * frame.columns)..<((row + 1) * frame.columns)
    return last.cells[range] != frame.cells[range]
  }

  private func draw(_ row: Int, _ frame: Frame) {
    var column = 0
    while column < frame.columns {
      let start = column
      let role = frame[row, column].role
      var text = ""
      while column < frame.columns {
        let cell = frame[row, column]
        // A blank looks the same in most roles, and changing the style costs more than the cell.
        let isSame =
          cell.role == role || cell.text == " " && cell.role.hidesBlanks && role.hidesBlanks
        guard isSame else { break }
        // Should a terminal's width of a character differ, the next cell is still in its place.
        if !text.isEmpty, !cell.text.isPlain { break }
        text += cell.text
        column += 1
        if !cell.text.isPlain { break }
      }
      unsafe ct_put(Int32(row), Int32(start), text, Int32(role.rawValue))
    }
  }

  /// Draws everything anew with the next frame.
  package func redraw() {
    last = nil
    ct_redraw()
  }

  /// Gives the terminal back, stops, and takes it over again when the process goes on.
  package func suspend() {
    ct_suspend()
    last = nil
  }

  /// Gives the terminal back as it was.
  package func close() { ct_close() }

  /// Writes a line below the shell's, once the terminal was given back.
  func tell(_ line: String) { unsafe ct_tell("diskq: " + VisibleText.string(line.utf8)) }

  /// What the keyboard, or the window, has to say.
  package enum Input {
    case key(Key)
    case mouse(Mouse, row: Int, column: Int)
    case pasted(Paste)
    case resized
  }

  /// The next input without waiting; nil when there is none.
  package func next() -> Input? {
    while true {
      if let paste = pasting {
        guard let input = paste.next() else { return nil }
        pasting = nil
        return .pasted(input)
      }
      var value: UInt32 = 0
      switch unsafe ct_key(&value) {
      case CT_CHARACTER: if let key = character(value) { return .key(key) }
      case CT_CODE:
        if value == CT_KEY_RESIZE.rawValue { return .resized }
        if value == CT_KEY_PASTE.rawValue {
          pasting = PasteReader()
          continue
        }
        if value == CT_KEY_MOUSE.rawValue {
          if let input = mouse() { return input }
          continue
        }
        if let key = special(value) { return .key(key) }
      default: return nil
      }
    }
  }

  private func mouse() -> Input? {
    var row: Int32 = 0
    var column: Int32 = 0
    let mouse: Mouse
    switch unsafe ct_mouse_event(&row, &column) {
    case CT_PRESS: mouse = .press
    case CT_DOUBLE_PRESS: mouse = .doublePress
    case CT_WHEEL_UP: mouse = .wheelUp
    case CT_WHEEL_DOWN: mouse = .wheelDown
    default: return nil
    }
    return .mouse(mouse, row: Int(row), column: Int(column))
  }

  private func character(_ value: UInt32) -> Key? {
    switch value {
    case 9: return .tab
    case 10, 13: return .enter
    case 27: return .escape
    case 8, 127: return .backspace
    case 1...26: return Unicode.Scalar(value + 96).map { .control(Character($0)) }
    case 0...31: return nil
    default: return Unicode.Scalar(value).map { .character(Character($0)) }
    }
  }

  private func special(_ value: UInt32) -> Key? {
    switch value {
    case CT_KEY_UP.rawValue: .up
    case CT_KEY_DOWN.rawValue: .down
    case CT_KEY_LEFT.rawValue: .left
    case CT_KEY_RIGHT.rawValue: .right
    case CT_KEY_PAGE_UP.rawValue: .pageUp
    case CT_KEY_PAGE_DOWN.rawValue: .pageDown
    case CT_KEY_HOME.rawValue: .home
    case CT_KEY_END.rawValue: .end
    case CT_KEY_ENTER.rawValue: .enter
    case CT_KEY_BACKSPACE.rawValue: .backspace
    case CT_KEY_DELETE.rawValue: .delete
    case CT_KEY_BACK_TAB.rawValue: .backTab
    default:
      value > CT_KEY_FUNCTION.rawValue ? .function(Int(value - CT_KEY_FUNCTION.rawValue)) : nil
    }
  }
}

extension String {
  /// Whether it is ASCII, which every terminal gives one column.
  fileprivate var isPlain: Bool { utf8.count <= 1 }
}

extension Role {
  /// Whether a blank in it looks like one in the normal role, whatever the theme makes of colours of
  /// letters.
  fileprivate var hidesBlanks: Bool {
    switch self {
    case .title, .header, .selected, .input: false
    default: true
    }
  }
}
