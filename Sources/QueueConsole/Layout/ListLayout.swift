/// The list's screen: heads above the queues, and panes below them where there is room for both.
struct ListLayout: Hashable, Sendable {
  /// The row of the column heads, after title, totals and alerts.
  static let heads = 3

  /// The rows of queues.
  let queues: Range<Int>
  /// The rows of the panes: the queue under the cursor, and the last events; nil on small screens.
  let panes: Range<Int>?

  init(_ layout: Layout) {
    let first = ListLayout.heads + 1
    let height = layout.rows >= 36 && layout.columns >= 100 ? 16 : 0
    queues = first..<(first + max(1, layout.rows - first - 2 - height))
    panes = height > 0 ? (layout.message - height)..<layout.message : nil
  }
}
