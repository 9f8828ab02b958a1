/// The screen of events, which is a whole one or the page of a queue.
struct EventsLayout: Hashable, Sendable {
  /// The row of the column heads.
  let heads: Int
  let events: Range<Int>
  /// How wide the column of names is.
  let subject: Int

  init(_ layout: Layout, isTab: Bool) {
    heads = isTab ? layout.page.lowerBound : layout.tabs
    events = (heads + 1)..<(heads + 1 + max(1, layout.rows - heads - 4))
    subject = max(8, min(30, layout.columns / 4))
  }
}
