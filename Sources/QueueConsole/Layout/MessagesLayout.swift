/// How the messages' page is parted: a list, and the payload beside it or below it.
struct MessagesLayout: Hashable, Sendable {
  /// The row of the list's heads.
  let heads: Int
  /// The rows of messages.
  let list: Range<Int>
  let listWidth: Int
  /// The row of the payload's head.
  let paneHead: Int
  /// The rows of the payload.
  let pane: Range<Int>
  let paneColumn: Int
  let paneWidth: Int
  let isBeside: Bool

  init(_ layout: Layout) {
    heads = layout.page.lowerBound
    let first = heads + 1
    // Heads above the list, and two rows at the bottom.
    let room = max(2, layout.rows - heads - 3)
    isBeside = layout.columns >= 110
    if isBeside {
      list = first..<(first + room)
      listWidth = layout.columns * 55 / 120
      paneHead = heads
      pane = list
      paneColumn = listWidth + 2
      paneWidth = layout.columns - listWidth - 3
    } else {
      let height = max(1, room * 2 / 5)
      list = first..<(first + height)
      listWidth = layout.columns
      paneHead = list.upperBound
      pane = (paneHead + 1)..<(paneHead + 1 + max(1, room - height - 1))
      paneColumn = 1
      paneWidth = layout.columns - 2
    }
  }
}
