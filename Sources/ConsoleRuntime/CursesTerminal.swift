import CTerminal
package import QueueConsole

/// The real terminal: draws frames and reads keys through ncurses.
///
/// One thread owns it.
package final class CursesTerminal {
  private var last: Frame?

  /// Takes the terminal over; nil when there is none that can be used.
  package init?() {
    guard ct_open() else { return nil }
    Palette.define(colors: Int(ct_colors()))
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
      while column < frame.columns, frame[row, column].role == role {
        text += frame[row, column].text
        column += 1
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

  /// What the keyboard, or the window, has to say.
  package enum Input {
    case key(Key)
    case resized
  }

  /// The next input without waiting; nil when there is none.
  package func next() -> Input? {
    while true {
      var value: UInt32 = 0
      switch unsafe ct_key(&value) {
      case CT_CHARACTER: if let key = character(value) { return .key(key) }
      case CT_CODE:
        if value == CT_KEY_RESIZE.rawValue { return .resized }
        if let key = special(value) { return .key(key) }
      default: return nil
      }
    }
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
